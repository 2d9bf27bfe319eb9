import type { Admission, Ask, Refused } from "../breaker/admission/admission.ts";
import type { Permit } from "../breaker/admission/inFlightLimit.ts";
import type { OutcomeKind } from "../rpc/report.ts";
import { type AttemptFacts, classify, type Judgement } from "./classify.ts";
import { CATCH_UP_MS, STOOD_STILL_MS } from "./constants.ts";
import type { Route } from "./database.ts";
import type { DatabaseState } from "./databaseState.ts";
import type { Deadline } from "./deadline.ts";
import type { Query } from "./query.ts";
import { Session } from "./session.ts";
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
  /** Whose request it is. Default: nobody's, who gets a session with the first write. */
  readonly session?: Session;
  /** Keeps work going after the response. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** An attempt: the answer, or the failure and what it means. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: TransportFailure; readonly judgement: Judgement };

/** As what a statement is asked. Default: a read, for the first time. */
interface Asking {
  readonly kind?: OutcomeKind;
  readonly ask?: Ask;
  /** Ends it without a verdict on the node: another's answer came first. */
  readonly lost?: AbortSignal;
}

/** Another's answer came first: whatever this one would have come to. */
const LOST: Judgement = { class: "abort", effect: "unknown" };

/** What is sent where, under which name, and for how long at most. */
interface Call {
  readonly node: string;
  readonly name: string;
  readonly ms: number;
  readonly kind: OutcomeKind;
  readonly lost?: AbortSignal | undefined;
}

type Send<T> = (transport: Transport, signal: AbortSignal) => Promise<T>;

/** Nothing was sent: the admission said no. */
export function isRefused<T>(answer: Attempt<T> | Refused): answer is Refused {
  return "kind" in answer;
}

export class RequestScope {
  readonly state: DatabaseState;
  readonly options: RequestOptions;
  readonly session: Session;
  readonly routes: Route[] = [];
  readonly timings: { name: string; node: string; ms: number }[] = [];
  readonly #transports = new Map<string, Transport>();

  constructor(state: DatabaseState, options: RequestOptions) {
    this.state = state;
    this.options = options;
    this.session = options.session ?? new Session();
  }

  /** Whether an attempt may be sent to the node now. To ask takes nothing. */
  admission(node: string, ask: Ask = "first"): Admission {
    return this.state.gates.admission(this.options, node, ask);
  }

  /** One statement on one node, for at most `ms` milliseconds, if it is admitted. */
  query(
    node: string,
    statement: Query,
    ms: number,
    { kind = "read", ask = "first", lost }: Asking = {},
  ): Promise<Attempt<ResultSet> | Refused> {
    const call = { node, name: statement.name, ms, kind, lost };
    return this.#ifAdmitted(call, ask, (transport, signal) => transport.query(statement, signal));
  }

  /** A batch on one node, for at most `ms` milliseconds, if it is admitted; counted under `name`. */
  batch(
    node: string,
    name: string,
    batch: readonly Query[],
    ms: number,
  ): Promise<Attempt<readonly ResultSet[]> | Refused> {
    const call = { node, name, ms, kind: "write" } as const;
    return this.#ifAdmitted(call, "first", (transport, signal) => transport.batch(batch, signal));
  }

  /** A question of our own. It needs no admission: it is how an open node is found to be well, and a lost write's end. */
  question(node: string, statement: Query, ms: number, kind: OutcomeKind = "check"): Promise<Attempt<ResultSet>> {
    const call = { node, name: statement.name, ms, kind };
    return this.#attempt(call, (transport, signal) => transport.query(statement, signal), undefined);
  }

  /** Gives the connections back, after the response. */
  close(): Promise<unknown> {
    const closing = Array.from(this.#transports.values(), (transport) => transport.close());
    this.#transports.clear();
    return Promise.all(closing);
  }

  #ifAdmitted<T>(call: Call, ask: Ask, send: Send<T>): Promise<Attempt<T> | Refused> {
    const permit = this.state.gates.enter(this.options, call.node, ask);
    return permit.kind === "refused" ? Promise.resolve(permit) : this.#attempt(call, send, permit);
  }

  async #attempt<T>(call: Call, send: Send<T>, permit: Permit | undefined): Promise<Attempt<T>> {
    const { node, ms, lost } = call;
    const { now } = this.options;
    const startedAt = permit?.at ?? now();
    this.state.silence.began(node, startedAt);
    const controller = new AbortController();
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    let timedOut = false;
    const giveUp = () => {
      timedOut = lost?.aborted !== true;
      controller.abort();
      // A turn later: a transport that heeds its signal knows more of how far it came (a connection still being made
      // has sent nothing), and has answered by then.
      setTimeout(() => reject(new TransportFailure("aborted", "the attempt's time is over")), 0);
    };
    // A timer that rings late tells that this isolate stood still: what the node answered meanwhile is yet to be read.
    let timer = setTimeout(() => {
      if (now() - startedAt - ms < STOOD_STILL_MS) giveUp();
      else timer = setTimeout(giveUp, CATCH_UP_MS);
    }, ms);
    lost?.addEventListener("abort", giveUp, { once: true });
    try {
      // Not left to the transport: what ignores its signal must not hold the request beyond its deadline.
      const value = await Promise.race([send(this.#transport(node), controller.signal), givenUp]);
      this.#record(call, startedAt, undefined, permit);
      return { ok: true, value };
    } catch (error) {
      const failure = asFailure(error);
      const judgement = lost?.aborted ? LOST : classify(failure, this.#facts(node, timedOut));
      this.#record(call, startedAt, judgement, permit);
      return { ok: false, failure, judgement };
    } finally {
      clearTimeout(timer);
      lost?.removeEventListener("abort", giveUp);
    }
  }

  #facts(node: string, timedOut: boolean): AttemptFacts {
    return { timedOut, onReplica: this.state.topology.roles.get(node) === "replica" };
  }

  #record(
    { node, name, kind }: Call,
    startedAt: number,
    judgement: Judgement | undefined,
    permit: Permit | undefined,
  ): void {
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
    if (permit) this.state.gates.leave(permit, failure, now);
    this.state.observe(node, { failure, kind, now, sentAt: startedAt, query: name }, this.options.random());
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

function asFailure(error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error;
  return new TransportFailure("connection", error instanceof Error ? error.message : String(error), { cause: error });
}
