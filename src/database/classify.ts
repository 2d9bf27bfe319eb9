import type { TransportFailure } from "./transport.ts";

/**
 * What a failure means. `infrastructure` and `slow` count against the node; `role` re-routes; `conflict` retries
 * elsewhere; `configuration` takes the node out and is named; `caller` and `abort` count for nothing.
 */
export type FailureClass = "infrastructure" | "slow" | "role" | "conflict" | "configuration" | "caller" | "abort";

/** `class`, and whether what was sent may have taken effect all the same. */
export interface Judgement {
  readonly class: FailureClass;
  readonly effect: "none" | "unknown";
}

/** What the attempt was, as far as it changes the meaning of a failure. */
export interface AttemptFacts {
  /** Our own time for the attempt was over: an abort is then slowness, not a client that left. */
  readonly timedOut: boolean;
  /** The node is, as far as we know, a replica: there `0A000` and `55000` speak of its role. */
  readonly onReplica: boolean;
}

/**
 * Neon words these without a code, as a 400: the connection string is wrong, not the network. (Its proxy answers a
 * lost connection with 400 and an empty code as well, so the words are all there is to go by.)
 */
const CONFIGURATION_WORDS =
  /password authentication failed|endpoint .*(not|could not be) found|no such endpoint|connection string|role .* does not exist|database .* does not exist|isolation level|incorrect scheme|missing (database name|username|hostname|authentication)|invalid (username|header)/i;

/** The one place that says what a failure means. Source: PostgreSQL's error codes (appendix A), Neon's proxy. */
export function classify(failure: TransportFailure, facts: AttemptFacts): Judgement {
  switch (failure.kind) {
    case "aborted":
      return facts.timedOut ? judged("slow", "unknown") : judged("abort", "unknown");
    case "connect":
      return judged("infrastructure", "none");
    case "connection":
      return judged("infrastructure", "unknown");
    case "http":
      return classifyStatus(failure.status ?? 500, failure.message);
    case "sql":
      return classifySqlstate(failure.sqlstate ?? "", failure.message, facts);
    default:
      return failure.kind satisfies never;
  }
}

function classifyStatus(status: number, message: string): Judgement {
  if (status === 413 || status === 507) return judged("caller", status === 413 ? "none" : "unknown");
  if (status === 429) return judged("infrastructure", "none");
  if (status === 400 && CONFIGURATION_WORDS.test(message)) return judged("configuration", "none");
  return judged("infrastructure", "unknown");
}

function classifySqlstate(sqlstate: string, message: string, facts: AttemptFacts): Judgement {
  if (sqlstate === "") {
    return CONFIGURATION_WORDS.test(message) ? judged("configuration", "none") : judged("infrastructure", "unknown");
  }
  switch (sqlstate) {
    case "57014": // cancelled: the statement, and with it the batch, was rolled back
    case "25P03": // idle_in_transaction_session_timeout, its stand-in before PostgreSQL 17, and
    case "25P04": // transaction_timeout: the session ended before COMMIT
      return judged("slow", "none");
    case "25006":
    case "BW001":
      return judged("role", "none");
    case "0A000":
    case "55000":
      return judged(facts.onReplica ? "role" : "caller", "none");
    case "40001":
    case "40P01":
    case "55P03":
      return judged("conflict", "none");
    case "53300": // too many connections: refused at the door
    case "57P03": // starting up or shutting down: refused at the door
    case "53100": // disk full and out of memory are errors inside the transaction, which is rolled back
    case "53200":
      return judged("infrastructure", "none");
    case "08P01": // a wrong parameter count, or the endpoint's word for a client that left
      return judged("caller", "none");
    default:
      return classifyClass(sqlstate);
  }
}

function classifyClass(sqlstate: string): Judgement {
  if (sqlstate.startsWith("57P")) return judged("infrastructure", "unknown");
  switch (sqlstate.slice(0, 2)) {
    case "08":
    case "53":
    case "58":
    case "XX":
      return judged("infrastructure", "unknown");
    case "28":
    case "3D":
      return judged("configuration", "none");
    default:
      return judged("caller", "none");
  }
}

function judged(failureClass: FailureClass, effect: Judgement["effect"]): Judgement {
  return { class: failureClass, effect };
}
