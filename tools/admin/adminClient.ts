import { resolve } from "node:path";
import { readState } from "../cluster/state.ts";
import { AdminError } from "./adminError.ts";

/** Which Worker is asked, and with what. */
export interface AdminOptions {
  readonly url?: string;
  readonly adminToken?: string;
}

const DEADLINE_MS = 10_000;
const TOKEN_VARIABLE = "BREAKWATER_ADMIN_TOKEN";

/** Asks `/admin…` of the Worker named, else of the running system. Gives the answer's JSON; throws `AdminError`. */
export class AdminClient {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async of({ url, adminToken }: AdminOptions): Promise<AdminClient> {
    const given = adminToken ?? process.env[TOKEN_VARIABLE];
    if (url !== undefined) {
      if (given) return new AdminClient(httpUrl(url), given);
      throw new AdminError(
        `Give --admin-token, or set ${TOKEN_VARIABLE}: ${url} is asked for what strangers may not see.`,
      );
    }
    const running = await readState(resolve(".breakwater"));
    const token = given ?? running?.adminToken;
    if (!running?.url || !token)
      throw new AdminError("No system is running here (`npm start`), and no --url was given.");
    return new AdminClient(running.url, token);
  }

  get(path: string): Promise<Record<string, unknown>> {
    return this.#ask(path, { method: "GET" });
  }

  /** `deadlineMs`: for an order that takes its time. */
  post(path: string, body: object, deadlineMs = DEADLINE_MS): Promise<Record<string, unknown>> {
    const init = {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    };
    return this.#ask(path, init, deadlineMs);
  }

  async #ask(
    path: string,
    init: RequestInit & { readonly headers?: Record<string, string> },
    deadlineMs = DEADLINE_MS,
  ) {
    const headers = { ...init.headers, Authorization: `Bearer ${this.#token}` };
    const response = await fetch(new URL(path, this.#url), {
      ...init,
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(deadlineMs),
    }).catch((error: unknown) => {
      throw new AdminError(`${this.#url} does not answer: ${reasonOf(error, deadlineMs)}.`, { cause: error });
    });
    const said = await response.json().catch(() => undefined);
    const answer = typeof said === "object" && said !== null ? (said as Record<string, unknown>) : undefined;
    if (response.ok && answer) return answer;
    throw new AdminError(
      `${this.#url} answers ${response.status}${answer ? `: ${troubleOf(answer)}` : ", and no JSON"}.`,
    );
  }
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new AdminError(`--url must be a Worker's address, such as https://example.com; ${text} is none.`);
}

function reasonOf(error: unknown, deadlineMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `nothing came within ${deadlineMs / 1_000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** A problem's own words, and the fields it names. */
function troubleOf({ title, detail, errors }: Record<string, unknown>): string {
  const fields = Array.isArray(errors) ? errors.map(({ field, message }) => `${field} ${message}`) : [];
  return [title, detail, ...fields]
    .filter((part) => typeof part === "string" && part !== "")
    .join("; ")
    .replace(/\.$/, "");
}
