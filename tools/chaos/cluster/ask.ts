import type { Token } from "../../../src/replicas/session/token.ts";
import type { BedIsolate } from "../../bed/startBed.ts";
import { PATIENCE_MS } from "./constants.ts";
import type { Ending, Told } from "./history.ts";
import { endingOf, tokenInside, toldBy } from "./said.ts";

export interface Asked {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly json?: object;
  /** The account's. */
  readonly bearer?: string;
  readonly sessionToken?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** What counts as an answer. */
  readonly expected: readonly number[];
}

/** An answer, taken apart. */
export interface Heard {
  readonly startMs: number;
  readonly endMs: number;
  readonly status: number;
  readonly ending: Ending;
  readonly told: Told;
  readonly route: string;
  readonly trouble?: string;
  readonly body: unknown;
  /** What the client may bring the next time. */
  readonly sessionToken: string | undefined;
  readonly token: Token | undefined;
  /** A cache was asked. */
  readonly isShared: boolean;
}

const NOTHING_TOLD: Told = { lost: false, rewound: false, unproven: false };

/** One request to an isolate; never throws. A connection that breaks is no answer. */
export async function ask(isolate: BedIsolate, asked: Asked, nowMs: () => number): Promise<Heard> {
  const { method, path, json, bearer, sessionToken, idempotencyKey, expected } = asked;
  const startMs = nowMs();
  try {
    const response = await isolate.fetch(path, {
      method,
      headers: {
        ...(json && { "Content-Type": "application/json" }),
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
        ...(sessionToken && { "Breakwater-Session": sessionToken }),
        ...(idempotencyKey && { "Idempotency-Key": idempotencyKey }),
      },
      ...(json && { body: JSON.stringify(json) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    const body = parse(text);
    const ending = endingOf(response.status, body, expected);
    const given = response.headers.get("Breakwater-Session") ?? undefined;
    return {
      startMs,
      endMs: nowMs(),
      status: response.status,
      ending,
      told: toldBy(response.headers),
      route: response.headers.get("Breakwater-Route") ?? "",
      ...(ending !== "answered" && { trouble: text.slice(0, 300) }),
      body,
      sessionToken: given,
      token: tokenInside(given),
      isShared: response.headers.has("Cache-Status"),
    };
  } catch (error) {
    // A write may have been done all the same.
    const ending = method === "GET" ? "failed" : "unknown";
    const nothing = { told: NOTHING_TOLD, route: "", body: undefined, sessionToken: undefined, token: undefined };
    return { startMs, endMs: nowMs(), status: 0, ending, trouble: String(error), ...nothing, isShared: false };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
