import { vi } from "vitest";
import { DatabaseState } from "../../../../src/database/databaseState.ts";
import { query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import { type ResultSet, type Transport, TransportFailure } from "../../../../src/database/transport.ts";
import { Random } from "../../../../tools/seed/random.ts";

const films = query<{ id: number }>("films.list", "SELECT id FROM films");
const ANSWER: ResultSet = { columns: ["id"], rows: [[1]], command: "SELECT", rowCount: 1 };
const DEADLINE_MS = 3_000;
const BEGINS_AT = 1_800_000_000_000;

/** After how many milliseconds a node answers what it is sent at a moment; `random` gives numbers in [0, 1). */
export type Service = (random: () => number, atMs: number) => number;

/** A read that was answered. `atMs`: when it was sent, since the traffic was made. */
export interface TrafficRead {
  readonly atMs: number;
  readonly ms: number;
  readonly node: string;
}

export interface Traffic {
  /** How each node answers; may be changed between loads. */
  readonly services: Record<string, Service>;
  /** When each statement was sent, in the same time as reads. */
  readonly sentAtMs: number[];
  /** `any` reads at a steady rate for so long, open loop. */
  readonly send: (perSecond: number, forMs: number) => Promise<readonly TrafficRead[]>;
}

/**
 * One isolate's reads against a primary `p` and replicas that answer as said, on a fake clock (`vi.useFakeTimers` is
 * called) and by a seed: what a machine's noise hides, this shows in the same way each time.
 */
export function traffic(services: Record<string, Service>, seed: number): Traffic {
  // From one moment always: budgets count in windows of the clock, and begin anew with each.
  vi.useFakeTimers({ now: BEGINS_AT, toFake: ["setTimeout", "clearTimeout", "Date"] });
  const random = new Random(seed);
  const draw = () => random.next();
  const beganAt = Date.now();
  const sentAtMs: number[] = [];

  const transport = (node: string): Transport => ({
    query: (_, signal) =>
      new Promise((resolve, reject) => {
        const atMs = Date.now() - beganAt;
        sentAtMs.push(atMs);
        const timer = setTimeout(() => resolve(ANSWER), services[node]?.(draw, atMs) ?? 0);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(new TransportFailure("aborted", "given up"));
        });
      }),
    batch: async (statements) => statements.map(() => ANSWER),
    close: async () => {},
  });
  const names = Object.keys(services);
  const state = new DatabaseState(names.map((name) => ({ name, maySleep: false, open: () => transport(name) })));

  async function one(): Promise<TrafficRead> {
    const at = Date.now();
    const scope = new RequestScope(state, {
      deadline: { at: at + DEADLINE_MS },
      mode: "on",
      breakerMode: "on",
      now: Date.now,
      random: draw,
      waitUntil: () => {},
    });
    const { route } = await read(scope, films, { freshness: "any" });
    return { atMs: at - beganAt, ms: Date.now() - at, node: route.node };
  }

  async function send(perSecond: number, forMs: number): Promise<readonly TrafficRead[]> {
    const roles = new Map(names.map((name) => [name, name === "p" ? ("primary" as const) : ("replica" as const)]));
    state.topology = { ...state.topology, primary: "p", epoch: "1", askedAt: Date.now(), roles };
    const from = Date.now();
    const reads: Promise<TrafficRead>[] = [];
    for (let index = 0; index < (perSecond * forMs) / 1_000; index++) {
      await vi.advanceTimersByTimeAsync(from + Math.round((index * 1_000) / perSecond) - Date.now());
      reads.push(one());
    }
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    return Promise.all(reads);
  }

  return { services, sentAtMs, send };
}
