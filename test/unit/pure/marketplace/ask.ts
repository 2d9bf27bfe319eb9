import type { Database } from "../../../../src/breakwater.ts";
import { createRouter } from "../../../../src/http/router.ts";
import { accounts, problems, routes } from "../../../../src/marketplace/index.ts";
import { answerCheck } from "../../../../tools/fuzz/answerCheck.ts";
import { apiDocument } from "../../../../tools/generate/apiDocument.ts";
import { type FakeDatabase, fakeDatabase, type Script } from "./fakeDatabase.ts";

export const NOW = Date.UTC(2026, 10, 1, 12);
export const TOKEN = "t".repeat(43);
export const USER = {
  id: "0198c0de-0000-7000-8000-00000000000a",
  email: "ada@example.org",
  name: "Ada",
  role: "creator",
};

const router = createRouter({ routes, accounts, problems });
const check = answerCheck(apiDocument());

export interface Question {
  readonly method?: string;
  /** As JSON; text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Whether a bearer token of a live session comes along. */
  readonly signedIn?: boolean;
  readonly script?: Script;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's body is read by the test that knows its shape.
  readonly body: any;
  readonly database: FakeDatabase;
  /** What was reported as our own mistake. */
  readonly reported: readonly unknown[];
}

/**
 * Sends one request through the real router and the marketplace's routes to a fake database. Throws for an answer that is
 * not as the OpenAPI document has it.
 */
export async function ask(path: string, question: Question = {}): Promise<Reply> {
  const { method = "GET", body, headers = {}, signedIn = false, script = {} } = question;
  const session = signedIn ? { "accounts.session": [{ ...USER, expires_at: "2026-12-01T00:00:00.000Z" }] } : {};
  const database = fakeDatabase({ ...script, rows: { ...session, ...script.rows } });
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(`https://pitches.example${path}`, {
    method,
    headers: {
      ...(text !== undefined && { "Content-Type": "application/json" }),
      ...(signedIn && { Authorization: `Bearer ${TOKEN}` }),
      ...headers,
    },
    ...(text !== undefined && { body: text }),
  });
  const reported: unknown[] = [];
  const response = await router.fetch(request, {
    database: database satisfies Database,
    now: () => NOW,
    waitUntil: () => {},
    exposesRoute: true,
    report: (error) => reported.push(error),
  });
  const answer = await response.text();
  const { status } = response;
  const complaints = check({ method, path, status, headers: response.headers, text: answer });
  if (complaints.length > 0) throw new Error(`${complaints.join("\n")}\n${answer.slice(0, 500)}`);
  return {
    status,
    headers: response.headers,
    body: answer === "" ? undefined : JSON.parse(answer),
    database,
    reported,
  };
}

/** A row as the database would give it. */
export function pitchRow(change: Record<string, unknown> = {}) {
  return {
    id: "0198c0de-0000-7000-8000-000000000001",
    title: "Star",
    logline: "A star is lost.",
    genre: "drama",
    format: "feature",
    stage: "script",
    status: "published",
    creator_id: USER.id,
    creator_name: USER.name,
    created_at: "2026-01-02T03:04:05.678Z",
    likes: 1,
    views: 2,
    sort_key: "2026-01-02T03:04:05.678Z",
    ...change,
  };
}
