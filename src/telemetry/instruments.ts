import type { LabelsOf } from "./catalogue.ts";
import type { KnownValues } from "./dimensions.ts";
import { TelemetryLedger } from "./ledger.ts";
import type { Counter } from "./ledgerCounter.ts";
import type { DurationHistogram, ExemplarSource } from "./ledgerHistogram.ts";

type AttemptLabels = LabelsOf<"breakwater_database_attempts_total">;
type StatusClass = LabelsOf<"breakwater_http_requests_total">["status_class"];

/** What the isolate counts, each series found once and kept: counting is on every request's path. */
export class Instruments {
  readonly ledger: TelemetryLedger;
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, DurationHistogram>();

  constructor(known: KnownValues = {}) {
    this.ledger = new TelemetryLedger(known);
  }

  /** A request was answered. `route`: its template; `other` where none matched. */
  request(route: string, status: number, seconds: number, exemplar?: ExemplarSource): void {
    const status_class = classOf(status);
    this.#counter(`${route} ${status_class}`, () =>
      this.ledger.counter("breakwater_http_requests_total", { route, status_class }),
    ).add();
    this.#histogram(route, () => this.ledger.histogram("breakwater_http_request_duration_seconds", { route })).observe(
      seconds,
      exemplar,
    );
  }

  /** An attempt on a node ended. */
  attempt(node: string, kind: AttemptLabels["kind"], outcome: AttemptLabels["outcome"], seconds: number): void {
    this.#counter(`${node} ${kind} ${outcome}`, () =>
      this.ledger.counter("breakwater_database_attempts_total", { node, kind, outcome }),
    ).add();
    this.#histogram(`${node} ${kind}`, () =>
      this.ledger.histogram("breakwater_database_attempt_duration_seconds", { node, kind }),
    ).observe(seconds);
  }

  query(query: string, seconds: number): void {
    this.#histogram(`q ${query}`, () =>
      this.ledger.histogram("breakwater_database_query_duration_seconds", { query }),
    ).observe(seconds);
  }

  read(node: string, reason: LabelsOf<"breakwater_database_reads_total">["reason"]): void {
    this.#counter(`r ${node} ${reason}`, () =>
      this.ledger.counter("breakwater_database_reads_total", { node, reason }),
    ).add();
  }

  refusal(reason: LabelsOf<"breakwater_database_refusals_total">["reason"]): void {
    this.ledger.counter("breakwater_database_refusals_total", { reason }).add();
  }

  unknownOutcome(): void {
    this.ledger.counter("breakwater_writes_unknown_outcome_total", {}).add();
  }

  exchange(outcome: LabelsOf<"breakwater_exchanges_total">["outcome"], seconds: number): void {
    this.ledger.counter("breakwater_exchanges_total", { outcome }).add();
    this.ledger.histogram("breakwater_exchange_duration_seconds", {}).observe(seconds);
  }

  errorReported(outcome: LabelsOf<"breakwater_errors_reported_total">["outcome"]): void {
    this.ledger.counter("breakwater_errors_reported_total", { outcome }).add();
  }

  cronRun(cron: string, outcome: LabelsOf<"breakwater_cron_runs_total">["outcome"]): void {
    this.ledger.counter("breakwater_cron_runs_total", { cron, outcome }).add();
  }

  logLine(level: LabelsOf<"breakwater_log_lines_total">["level"]): void {
    this.ledger.counter("breakwater_log_lines_total", { level }).add();
  }

  #counter(key: string, make: () => Counter): Counter {
    const known = this.#counters.get(key);
    if (known) return known;
    const made = make();
    this.#counters.set(key, made);
    return made;
  }

  #histogram(key: string, make: () => DurationHistogram): DurationHistogram {
    const known = this.#histograms.get(key);
    if (known) return known;
    const made = make();
    this.#histograms.set(key, made);
    return made;
  }
}

function classOf(status: number): StatusClass {
  if (status < 300) return "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}
