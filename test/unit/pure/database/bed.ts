import { vi } from "vitest";
import { DatabaseState } from "../../../../src/database/databaseState.ts";
import type { Query } from "../../../../src/database/query.ts";
import { type RequestOptions, RequestScope } from "../../../../src/database/requestScope.ts";
import { type ResultSet, type Transport, TransportFailure } from "../../../../src/database/transport.ts";

/** `hang`: no answer until the signal ends it; `deaf`: no answer, and no heed of the signal either. */
export type Reply = ResultSet | readonly ResultSet[] | Error | "hang" | "deaf";

/** Something that reached a node. `at`: the fake clock's milliseconds since the bed was made. */
export interface Sent {
  readonly node: string;
  readonly statements: readonly Query[];
  readonly isBatch: boolean;
  readonly at: number;
}

export interface Bed {
  readonly state: DatabaseState;
  readonly scope: RequestScope;
  /** What reached the nodes, but for questions for their role. */
  readonly sent: Sent[];
  /** The nodes that were asked for their role. */
  readonly asked: string[];
  /** What shall go on after the response. */
  readonly waiting: Promise<unknown>[];
  readonly elapsedMs: () => number;
}

export interface Script {
  /** What each node answers to the question for its role; may change while the test runs. */
  readonly roles: Record<string, Reply>;
  /** What it answers to anything else; `nth` counts from 0. Default: one empty result a statement. */
  readonly reply?: (sent: Sent, nth: number) => Reply;
  readonly mode?: RequestOptions["mode"];
  /** Default: `mode`. */
  readonly breakerMode?: RequestOptions["mode"];
  readonly deadlineMs?: number;
  readonly maySleep?: readonly string[];
}

export const DEADLINE_MS = 3_000;

/** A transport that does not heed its signal is given up a turn later, which is a millisecond of fake time for each of three. */
export const TURNS_MS = 3;

export const result = (columns: readonly string[] = [], ...rows: (readonly unknown[])[]): ResultSet => ({
  columns,
  rows,
  command: "SELECT",
  rowCount: rows.length,
});

export const PRIMARY = result(["r", "e"], [false, "1"]);
export const REPLICA = result(["r", "e"], [true, "1"]);
export const primaryOf = (epoch: string | null) => result(["r", "e"], [false, epoch]);
export const THREE: Readonly<Record<string, Reply>> = { p: PRIMARY, a: REPLICA, b: REPLICA };

export const sqlError = (sqlstate: string, details: { constraint?: string; table?: string } = {}, message = "no") =>
  new TransportFailure("sql", message, { sqlstate, ...details });
export const failure = (kind: TransportFailure["kind"], status?: number) =>
  new TransportFailure(kind, `it was ${kind}`, status === undefined ? {} : { status });

/** A database of scripted nodes and one request's scope over it, under fake timers (`vi.useFakeTimers` is called). */
export function bed({
  roles,
  reply,
  mode = "on",
  breakerMode = mode,
  deadlineMs = DEADLINE_MS,
  maySleep = [],
}: Script): Bed {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const startedAt = Date.now();
  const sent: Sent[] = [];
  const asked: string[] = [];
  const waiting: Promise<unknown>[] = [];

  function answer(node: string, statements: readonly Query[], isBatch: boolean): Reply {
    const [first] = statements;
    if (first?.name === "breakwater.sample" || first?.name === "breakwater.bare-sample") {
      asked.push(node);
      return roles[node] ?? failure("connect");
    }
    const here = { node, statements, isBatch, at: Date.now() - startedAt };
    sent.push(here);
    return reply?.(here, sent.length - 1) ?? statements.map(() => result());
  }

  function transport(node: string): Transport {
    return {
      query: async (statement, signal) => {
        const value = await outcome(answer(node, [statement], false), signal);
        return "columns" in value ? value : (value[0] ?? result());
      },
      batch: async (statements, signal) => {
        const value = await outcome(answer(node, statements, true), signal);
        return "columns" in value ? statements.map(() => value) : value;
      },
      close: async () => {},
    };
  }

  const nodes = Object.keys(roles).map((name) => ({
    name,
    maySleep: maySleep.includes(name),
    open: () => transport(name),
  }));
  const state = new DatabaseState(nodes);
  const scope = new RequestScope(state, {
    deadline: { at: startedAt + deadlineMs },
    mode,
    breakerMode,
    now: Date.now,
    random: () => 0,
    waitUntil: (work) => waiting.push(work),
  });
  return { state, scope, sent, asked, waiting, elapsedMs: () => Date.now() - startedAt };
}

function outcome(reply: Reply, signal: AbortSignal): Promise<ResultSet | readonly ResultSet[]> {
  return new Promise((resolve, reject) => {
    if (reply instanceof Error) return reject(reply);
    if (reply === "deaf") return;
    if (reply !== "hang") return resolve(reply);
    signal.addEventListener("abort", () => reject(failure("aborted")));
  });
}

/** What the work came to, moving the fake clock as far as it takes. Throws when it comes to nothing. */
export async function run<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  let ended: { value: T } | { error: unknown } | undefined;
  work.then(
    (value) => {
      ended = { value };
    },
    (error: unknown) => {
      ended = { error };
    },
  );
  for (let turn = 0; turn < 1_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (ended) return ended;
    await vi.advanceTimersToNextTimerAsync();
  }
  throw new Error("the work never ended");
}

/** The value that the work came to; throws what it threw. */
export async function answerOf<T>(work: Promise<T>): Promise<T> {
  const ended = await run(work);
  if ("error" in ended) throw ended.error;
  return ended.value;
}

/** The error that the work came to. */
export async function errorOf(work: Promise<unknown>): Promise<{ code?: string; mark?: string; message?: string }> {
  const ended = await run(work);
  if (!("error" in ended)) throw new Error("nothing was thrown");
  return ended.error as { code?: string }; // told apart by their code, as everywhere
}
