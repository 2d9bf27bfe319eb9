import { vi } from "vitest";
import { readConfig } from "../../../../src/config.ts";
import { DatabaseState } from "../../../../src/database/databaseState.ts";
import { answerHealth } from "../../../../src/health/answerHealth.ts";
import type { IsolateState } from "../../../../src/isolate.ts";

export const TOKEN = "an-admin-token-for-tests";

const ENVIRONMENT = {
  BREAKWATER_MODE: "on",
  SESSION_KEYS: "a-session-key-for-tests",
  BREAKWATER_NODES: JSON.stringify([{ name: "node-1", transport: "neon", secret: "DATABASE_URL_ONE" }]),
  DATABASE_URL_ONE: "postgres://user:s3kret@node-1.example/db",
  ADMIN_TOKENS: TOKEN,
};

interface Options {
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly maySleep?: boolean;
  readonly names?: readonly string[];
  /** The cache's tiers beyond memory, and what is wrong with each. */
  readonly farther?: readonly { readonly name: string; readonly trouble: string | undefined }[];
  /** Whether the cache gives its copies to anybody. Default: it does. */
  readonly acts?: boolean;
}

/** An isolate whose nodes nobody may ask: that `/health` does not is seen by its tests not failing. */
export function healthIsolate(options: Options = {}) {
  const { environment = {}, maySleep = false, names = ["node-1"], farther = [], acts = true } = options;
  const open = () => {
    throw new Error("/health asked the database");
  };
  const database = new DatabaseState(names.map((name) => ({ name, maySleep, open })));
  const exchange = { hasFailed: false, exchangeNow: vi.fn(async (_ms: number) => false) };
  const parts = {
    config: readConfig({ ...ENVIRONMENT, ...environment }),
    database,
    objects: { missing: [] as string[] },
    exchange,
    checksInFlight: new Map(),
    shared: { farther, door: { acts, cache: { runwayMs: () => undefined } } },
  };
  const state = parts as unknown as IsolateState; // the parts that health looks at
  return { state, database, exchange };
}

interface Asked {
  readonly path?: string;
  readonly token?: string;
  readonly accept?: string;
  readonly trouble?: unknown;
}

export async function askHealth(state: IsolateState | undefined, asked: Asked = {}) {
  const { path = "/health", token, accept, trouble } = asked;
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(accept === undefined ? {} : { Accept: accept }),
  };
  const request = new Request(`https://app.example${path}`, { headers });
  const ctx = { waitUntil: (work: Promise<unknown>) => void work.catch(() => {}) };
  const response = await answerHealth(request, new URL(request.url), state, trouble, "1.2.3", ctx);
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return { status: response.status, text, body: JSON.parse(text) as any };
}
