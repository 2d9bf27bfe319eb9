import type { CounterName, HistogramName, LabelsOf } from "./catalogue.ts";
import type { KnownValues } from "./dimensions.ts";
import { TelemetryLedger } from "./ledger.ts";
import type { Counter } from "./ledgerCounter.ts";
import type { DurationHistogram, ExemplarSource } from "./ledgerHistogram.ts";

type AttemptLabels = LabelsOf<"breakwater_database_attempts_total">;
type Reason = LabelsOf<"breakwater_database_reads_total">["reason"];
type SharedResult = LabelsOf<"breakwater_cache_requests_total">["result"];
type ServedFrom = LabelsOf<"breakwater_cache_served_bytes_total">["from"];
type StatusClass = LabelsOf<"breakwater_http_requests_total">["status_class"];

/** Names of routes, nodes and queries kept apart; what is beyond is looked up in the ledger, which bounds it. */
const MAX_KEPT = 1_000;

/** A duration, and counters beside it by how it ended. */
class Timed<End extends string> {
  readonly duration: DurationHistogram;
  readonly #make: (end: End) => Counter;
  readonly #ends: Partial<Record<End, Counter>> = {};

  constructor(duration: DurationHistogram, make: (end: End) => Counter) {
    this.duration = duration;
    this.#make = make;
  }

  count(end: End): void {
    this.#ends[end] ??= this.#make(end);
    this.#ends[end].add();
  }
}

/** What the isolate counts. Series are found once and kept, without a text being made: this is on every request's path. */
export class Instruments {
  readonly ledger: TelemetryLedger;
  readonly #routes = new Map<string, Timed<StatusClass>>();
  readonly #attempts = {
    read: new Map<string, Timed<AttemptLabels["outcome"]>>(),
    write: new Map<string, Timed<AttemptLabels["outcome"]>>(),
    check: new Map<string, Timed<AttemptLabels["outcome"]>>(),
  };
  readonly #queries = new Map<string, DurationHistogram>();
  readonly #reads = new Map<string, Partial<Record<Reason, Counter>>>();

  readonly #shared = new Map<string, Partial<Record<SharedResult, Counter>>>();
  readonly #servedAges = new Map<string, DurationHistogram>();
  readonly #servedBytes = new Map<string, Partial<Record<ServedFrom, Counter>>>();

  constructor(known: KnownValues = {}) {
    this.ledger = new TelemetryLedger(known);
  }

  /** A request was answered. `route`: its template; `other` where none matched. */
  request(route: string, status: number, seconds: number, exemplar?: ExemplarSource): void {
    const timed = kept(this.#routes, route, () => {
      const duration = this.ledger.histogram("breakwater_http_request_duration_seconds", { route });
      return new Timed<StatusClass>(duration, (status_class) =>
        this.ledger.counter("breakwater_http_requests_total", { route, status_class }),
      );
    });
    timed.count(classOf(status));
    timed.duration.observe(seconds, exemplar);
  }

  /** An attempt on a node ended. */
  attempt(node: string, kind: AttemptLabels["kind"], outcome: AttemptLabels["outcome"], seconds: number): void {
    const timed = kept(this.#attempts[kind], node, () => {
      const duration = this.ledger.histogram("breakwater_database_attempt_duration_seconds", { node, kind });
      return new Timed<AttemptLabels["outcome"]>(duration, (end) =>
        this.ledger.counter("breakwater_database_attempts_total", { node, kind, outcome: end }),
      );
    });
    timed.count(outcome);
    timed.duration.observe(seconds);
  }

  query(query: string, seconds: number): void {
    kept(this.#queries, query, () =>
      this.ledger.histogram("breakwater_database_query_duration_seconds", { query }),
    ).observe(seconds);
  }

  read(node: string, reason: Reason): void {
    const reasons = kept(this.#reads, node, (): Partial<Record<Reason, Counter>> => ({}));
    reasons[reason] ??= this.ledger.counter("breakwater_database_reads_total", { node, reason });
    reasons[reason].add();
  }

  refusal(reason: LabelsOf<"breakwater_database_refusals_total">["reason"]): void {
    this.#count("breakwater_database_refusals_total", { reason });
  }

  /** In mode `observe`: what would have been refused was not. */
  wouldRefuse(reason: LabelsOf<"breakwater_database_would_refuse_total">["reason"]): void {
    this.#count("breakwater_database_would_refuse_total", { reason });
  }

  /** The primary answered a bounded read. */
  boundedAtPrimary(): void {
    this.#count("breakwater_database_bounded_at_primary_total", {});
  }

  /** A node's answer that a session was not given. */
  unproven(why: LabelsOf<"breakwater_session_unproven_total">["why"]): void {
    this.#count("breakwater_session_unproven_total", { why });
  }

  /** A session was told of a promise that could not be kept. */
  broken(what: LabelsOf<"breakwater_session_broken_total">["what"]): void {
    this.#count("breakwater_session_broken_total", { what });
  }

  unknownOutcome(): void {
    this.#count("breakwater_writes_unknown_outcome_total", {});
  }

  /** A shared answer was given, or could not be. */
  shared(route: string, result: SharedResult): void {
    const results = kept(this.#shared, route, (): Partial<Record<SharedResult, Counter>> => ({}));
    results[result] ??= this.ledger.counter("breakwater_cache_requests_total", { route, result });
    results[result].add();
  }

  sharedMiss(route: string, cause: LabelsOf<"breakwater_cache_misses_total">["cause"]): void {
    this.#count("breakwater_cache_misses_total", { route, cause });
  }

  tierRead(
    tier: LabelsOf<"breakwater_cache_tier_reads_total">["tier"],
    said: LabelsOf<"breakwater_cache_tier_reads_total">["said"],
  ): void {
    this.#count("breakwater_cache_tier_reads_total", { tier, said });
  }

  refreshed(outcome: LabelsOf<"breakwater_cache_refreshes_total">["outcome"]): void {
    this.#count("breakwater_cache_refreshes_total", { outcome });
  }

  audited(outcome: LabelsOf<"breakwater_cache_audits_total">["outcome"]): void {
    this.#count("breakwater_cache_audits_total", { outcome });
  }

  servedAge(route: string, seconds: number): void {
    const ages = kept(this.#servedAges, route, () =>
      this.ledger.histogram("breakwater_cache_served_age_seconds", { route }),
    );
    ages.observe(seconds);
  }

  servedBytes(route: string, from: ServedFrom, bytes: number): void {
    const sums = kept(this.#servedBytes, route, (): Partial<Record<ServedFrom, Counter>> => ({}));
    sums[from] ??= this.ledger.counter("breakwater_cache_served_bytes_total", { route, from });
    sums[from].add(bytes);
  }

  leaseless(): void {
    this.#count("breakwater_cache_leaseless_total", {});
  }

  sharedObserved(result: LabelsOf<"breakwater_cache_observed_total">["result"]): void {
    this.#count("breakwater_cache_observed_total", { result });
  }

  exchange(outcome: LabelsOf<"breakwater_exchanges_total">["outcome"], seconds: number): void {
    this.#count("breakwater_exchanges_total", { outcome });
    this.#observe("breakwater_exchange_duration_seconds", {}, seconds);
  }

  errorReported(outcome: LabelsOf<"breakwater_errors_reported_total">["outcome"]): void {
    this.#count("breakwater_errors_reported_total", { outcome });
  }

  cronRun(cron: string, outcome: LabelsOf<"breakwater_cron_runs_total">["outcome"]): void {
    this.#count("breakwater_cron_runs_total", { cron, outcome });
  }

  logLine(level: LabelsOf<"breakwater_log_lines_total">["level"]): void {
    this.#count("breakwater_log_lines_total", { level });
  }

  #count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): void {
    this.ledger.counter(name, labels).add();
  }

  #observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
    this.ledger.histogram(name, labels).observe(seconds);
  }
}

/** The map's value, made where it is missing; not kept where there are too many. */
function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  if (map.size < MAX_KEPT) map.set(key, made);
  return made;
}

function classOf(status: number): StatusClass {
  if (status < 300) return "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}
