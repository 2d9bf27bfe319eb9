import { answerCheck } from "../../../tools/fuzz/answerCheck.ts";
import { apiDocument } from "../../../tools/generate/apiDocument.ts";

/** The document as the routes are now, not as it was last committed. */
const check = answerCheck(apiDocument());

/** An answer, read to its end. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

export interface Send {
  readonly method?: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

/** A client of one Worker. Throws for an answer that is not as the OpenAPI document has it. */
export function clientOf(url: string) {
  return async (path: string, { method, token, json, headers, raw }: Send = {}): Promise<Got> => {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const asked = method ?? (body === undefined ? "GET" : "POST");
    const response = await fetch(url + path, {
      method: asked,
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
    });
    const text = await response.text();
    const complaints = check({ method: asked, path, status: response.status, headers: response.headers, text });
    if (complaints.length > 0) throw new Error(`${complaints.join("\n")}\n${text.slice(0, 500)}`);
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : parse(text) };
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A registered account's token. */
export async function signUp(
  send: ReturnType<typeof clientOf>,
  role = "creator",
): Promise<{ id: string; token: string }> {
  const email = `${crypto.randomUUID()}@example.com`;
  const { status, body } = await send("/api/auth/register", {
    json: { email, password: "correct horse", name: "Test Person", role },
  });
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return { id: body.user.id, token: body.token };
}

export const PITCH = {
  title: "The Lighthouse Keeper's Clock",
  logline: "A clockmaker must find the sea before it is too late.",
  genre: "drama",
  format: "feature",
  stage: "script",
} as const;
