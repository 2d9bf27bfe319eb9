import type { OutcomeKind } from "../rpc/report.ts";
import { type AttemptFacts, classify, type Judgement } from "./classify.ts";
import { CATCH_UP_MS, STOOD_STILL_MS } from "./constants.ts";
import type { Route } from "./database.ts";
import type { DatabaseState } from "./databaseState.ts";
import type { Deadline } from "./deadline.ts";
import type { Query } from "./query.ts";
import { type ResultSet, type Transport, TransportFailure } from "./transport.ts";

/** How a part of Breakwater acts: `off` not at all, `observe` only on paper, `on` for real. */
type Mode = "off" | "observe" | "on";

/** What belongs to one request (or cron run): its clock, its deadline, its connections, what it asked so far. */
export interface RequestOptions {
  readonly deadline: Deadline;
  /** Whether reads are routed, and whether open nodes are left alone. */
  readonly mode: Mode;
  readonly breakerMode: Mode;
  /** Its statements are slow by nature (maintenance): slowness says nothing about the node. Default false. */
  readonly isPatient?: boolean;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Keeps work going after the response. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** An attempt: the answer, or the failure and what it means. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: TransportFailure; readonly judgement: Judgement };

export class RequestScope {
  readonly state: DatabaseState;
  readonly options: RequestOptions;
  readonly routes: Route[] = [];
  readonly timings: { name: string; node: string; ms: number }[] = [];
  readonly #transports = new Map<string, Transport>();

  constructor(state: DatabaseState, options: RequestOptions) {
    this.state = state;
    this.options = options;
  }

  /** One statement on one node, for at most `ms` milliseconds. */
  query(node: string, statement: Query, ms: number, kind: OutcomeKind = "read"): Promise<Attempt<ResultSet>> {
    return this.#attempt(node, statement.name, ms, kind, (transport, signal) => transport.query(statement, signal));
  }

  /** A batch on one node, for at most `ms` milliseconds; counted under `name`. */
  batch(node: string, name: string, batch: readonly Query[], ms: number): Promise<Attempt<readonly ResultSet[]>> {
    return this.#attempt(node, name, ms, "write", (transport, signal) => transport.batch(batch, signal));
  }

  /** Gives the connections back, after the response. */
  close(): Promise<unknown> {
    const closing = Array.from(this.#transports.values(), (transport) => transport.close());
    this.#transports.clear();
    return Promise.all(closing);
  }

  async #attempt<T>(
    node: string,
    name: string,
    ms: number,
    kind: OutcomeKind,
    send: (transport: Transport, signal: AbortSignal) => Promise<T>,
  ): Promise<Attempt<T>> {
    const { now } = this.options;
    const startedAt = now();
    this.state.silence.began(node, startedAt);
    const controller = new AbortController();
    let timedOut = false;
    const giveUp = () => {
      timedOut = true;
      controller.abort();
    };
    // A timer that rings late tells that this isolate stood still: what the node answered meanwhile is yet to be read.
    let timer = setTimeout(() => {
      if (now() - startedAt - ms < STOOD_STILL_MS) giveUp();
      else timer = setTimeout(giveUp, CATCH_UP_MS);
    }, ms);
    try {
      // Not left to the transport: what ignores its signal must not hold the request beyond its deadline.
      const value = await untilAborted(send(this.#transport(node), controller.signal), controller.signal);
      this.#record(node, name, startedAt, undefined, kind);
      return { ok: true, value };
    } catch (error) {
      const failure = asFailure(error);
      const judgement = classify(failure, this.#facts(node, timedOut));
      this.#record(node, name, startedAt, judgement, kind);
      return { ok: false, failure, judgement };
    } finally {
      clearTimeout(timer);
    }
  }

  #facts(node: string, timedOut: boolean): AttemptFacts {
    return { timedOut, onReplica: this.state.topology.roles.get(node) === "replica" };
  }

  #record(node: string, name: string, startedAt: number, judgement: Judgement | undefined, kind: OutcomeKind): void {
    const now = this.options.now();
    const ms = now - startedAt;
    const gaveUp = judgement?.class === "slow" || judgement?.class === "abort";
    this.state.silence.ended(node, startedAt, !gaveUp, now);
    this.state.statistics.record(name, ms, now, judgement?.class);
    const outcome = judgement?.class === "infrastructure" ? "failed" : (judgement?.class ?? "ok");
    this.state.instruments.attempt(node, kind, outcome, ms / 1_000);
    this.state.instruments.query(name, ms / 1_000);
    if (judgement?.class === "role") this.state.ledger.roleChanged(now);
    const failure = this.options.isPatient && judgement?.class === "slow" ? "abort" : judgement?.class;
    this.state.observe(node, { failure, kind, now }, this.options.random());
    if (kind !== "check") this.timings.push({ name, node, ms });
  }

  #transport(node: string): Transport {
    const open = this.#transports.get(node);
    if (open) return open;
    const access = this.state.nodes.find(({ name }) => name === node);
    if (!access) throw new Error(`there is no node ${node}`);
    const transport = access.open();
    this.#transports.set(node, transport);
    return transport;
  }
}

/**
 * The promise's outcome, or a failure of kind `aborted` one turn after the signal: a transport that heeds it knows more
 * of how far it came (a connection still being made has sent nothing), and has answered by then.
 */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => setTimeout(() => reject(new TransportFailure("aborted", "the attempt's time is over")), 0);
    signal.addEventListener("abort", abort, { once: true });
  });
  return Promise.race([promise, aborted]);
}

function asFailure(error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error;
  return new TransportFailure("connection", error instanceof Error ? error.message : String(error), { cause: error });
}
