/**
 * Everything this Worker counts, times and shows to Prometheus. `telemetry/` (but for `errors/`) is pure: it imports no
 * platform, reads no clock, and serves isolates and objects alike.
 */

/** Labels whose values are not in the code, and how many of them there may be; what is beyond becomes `other`. */
export const DIMENSIONS = {
  /** Templates of the router's table, never paths. `other`: no route matched. */
  route: { max: 100, hasOther: true },
  /** Templates of routes whose answers are shared. */
  shared: { max: 16, hasOther: true },
  /** Names of the configuration, which allows as many. */
  node: { max: 16, hasOther: false },
  /** Names of queries, learnt as they are first used. */
  query: { max: 200, hasOther: true },
  /** Cron expressions of wrangler.toml. */
  cron: { max: 20, hasOther: false },
  version: { max: 4, hasOther: false },
} as const satisfies Readonly<Record<string, { readonly max: number; readonly hasOther: boolean }>>;

export type DimensionName = keyof typeof DIMENSIONS;

/** Values of a label: the list of them, or the dimension that bounds them. */
export type LabelSource = readonly string[] | DimensionName;

/** A metric family. The order of `labels` is that of the values in reports and checkpoints. */
export interface Metric {
  readonly kind: "counter" | "gauge" | "histogram";
  /** The base unit, which then also ends the name; empty for plain numbers. */
  readonly unit: "seconds" | "";
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelSource>>;
}

const KINDS = ["read", "write", "check"] as const;

export const CATALOGUE = {
  breakwater_http_requests_total: {
    kind: "counter",
    unit: "",
    help: "Requests answered, by route template and class of status.",
    labels: { route: "route", status_class: ["2xx", "3xx", "4xx", "5xx"] },
  },
  breakwater_http_request_duration_seconds: {
    kind: "histogram",
    unit: "seconds",
    help: "Time from a request's arrival to its answer, by route template. The clock moves with I/O only: CPU time is not in it.",
    labels: { route: "route" },
  },
  breakwater_database_attempts_total: {
    kind: "counter",
    unit: "",
    help: "Attempts on database nodes, retries and hedges included, by how they ended.",
    labels: {
      node: "node",
      kind: KINDS,
      outcome: ["ok", "failed", "slow", "conflict", "role", "caller", "configuration", "abort"],
    },
  },
  breakwater_database_attempt_duration_seconds: {
    kind: "histogram",
    unit: "seconds",
    help: "Round trip of one attempt on a database node, whatever its end.",
    labels: { node: "node", kind: KINDS },
  },
  breakwater_database_query_duration_seconds: {
    kind: "histogram",
    unit: "seconds",
    help: "Round trip of one attempt of a named query; names beyond the first 200 are counted as other.",
    labels: { query: "query" },
  },
  breakwater_database_reads_total: {
    kind: "counter",
    unit: "",
    help: "Reads answered by a node, by the reason it was chosen.",
    labels: {
      node: "node",
      reason: ["session", "any", "bounded", "strict", "write", "hedge", "retry", "spill", "moved", "off"],
    },
  },
  breakwater_database_refusals_total: {
    kind: "counter",
    unit: "",
    help: "Statements refused without an attempt: circuit open, no known primary, deadline over, budget used up, too many in flight, the primary asked enough in place of its replicas; or after them: no node could prove that it holds what the session wrote and saw.",
    labels: { reason: ["open", "no-primary", "deadline", "budget", "in-flight", "unproven", "spill"] },
  },
  breakwater_database_bounded_at_primary_total: {
    kind: "counter",
    unit: "",
    help: "Bounded reads that the primary answered: no replica was proven to be as fresh, or none of those answered.",
    labels: {},
  },
  breakwater_session_unproven_total: {
    kind: "counter",
    unit: "",
    help: "Answers of nodes that a session was not given, by what they could not prove: the read went on to another node.",
    labels: { why: ["old-epoch", "writes-missing", "may-be-earlier"] },
  },
  breakwater_session_broken_total: {
    kind: "counter",
    unit: "",
    help: "Requests of sessions that were told of a promise nobody could keep: writes lost or sight rewound in a failover, an answer that could not be proven.",
    labels: { what: ["lost", "rewound", "unproven"] },
  },
  breakwater_database_would_refuse_total: {
    kind: "counter",
    unit: "",
    help: "Attempts made all the same because the breaker only observes, by what it would have refused them for.",
    labels: { reason: ["open", "ramping", "in-flight"] },
  },
  breakwater_writes_unknown_outcome_total: {
    kind: "counter",
    unit: "",
    help: "Writes whose answer was lost, so that the client was told that the outcome is unknown.",
    labels: {},
  },
  breakwater_cache_requests_total: {
    kind: "counter",
    unit: "",
    help: "Requests for shared answers, by what was given: a fresh copy, one that was loaded anew behind it, an old one because the database could not be asked, one that was loaded for it or for another beside it, or none.",
    labels: { route: "shared", result: ["fresh", "stale", "error", "loaded", "joined", "refused"] },
  },
  breakwater_cache_misses_total: {
    kind: "counter",
    unit: "",
    help: "Requests for shared answers that no copy could answer, by why. bypass: whoever asked is owed more than the copies show.",
    labels: { route: "shared", cause: ["cold", "expired", "bumped", "evicted", "corrupt", "purged", "bypass"] },
  },
  breakwater_cache_tier_reads_total: {
    kind: "counter",
    unit: "",
    help: "Questions to the cache's tiers, by what they said. Memory is asked first, and the others where it has nothing to give.",
    labels: { tier: ["memory", "colo", "kv"], said: ["found", "absent", "corrupt", "failed"] },
  },
  breakwater_cache_refreshes_total: {
    kind: "counter",
    unit: "",
    help: "Shared answers loaded anew behind an answer, by what came of it: a neighbour's copy, another answer, the same one, a failure; or left to whoever holds the lease.",
    labels: { outcome: ["found", "loaded", "unchanged", "failed", "left"] },
  },
  breakwater_cache_leaseless_total: {
    kind: "counter",
    unit: "",
    help: "Refreshes that began without a lease, since no object answered: each isolate then loads for itself.",
    labels: {},
  },
  breakwater_cache_audits_total: {
    kind: "counter",
    unit: "",
    help: "Current copies that were loaded anew to be compared (CACHE_AUDIT_ONE_IN). mismatch: another answer, though no write with one of its tags was told: a tag is missing, or somebody writes past us.",
    labels: { outcome: ["same", "mismatch", "failed"] },
  },
  breakwater_cache_served_age_seconds: {
    kind: "histogram",
    unit: "seconds",
    help: "Age of the copies that were given, since their load began; more than an hour counts as one.",
    labels: { route: "shared" },
  },
  breakwater_cache_served_bytes_total: {
    kind: "counter",
    unit: "",
    help: "Size of the shared answers that were given, by where they lay; database: loaded for it. By characters of their JSON, which are bytes where it is ASCII.",
    labels: { route: "shared", from: ["memory", "colo", "kv", "database"] },
  },
  breakwater_cache_observed_total: {
    kind: "counter",
    unit: "",
    help: "In mode observe: requests for shared answers by what would have been given.",
    labels: { result: ["fresh", "stale", "error", "loaded", "refused"] },
  },
  breakwater_exchanges_total: {
    kind: "counter",
    unit: "",
    help: "Exchanges of isolates with their Collector, by how they ended.",
    labels: { outcome: ["answered", "refused", "timeout", "overloaded", "reset", "missing", "quota", "failed"] },
  },
  breakwater_exchange_duration_seconds: {
    kind: "histogram",
    unit: "seconds",
    help: "Time an exchange took, whatever its end. No visitor waits for it.",
    labels: {},
  },
  breakwater_reports_refused_total: {
    kind: "counter",
    unit: "",
    help: "Reports that a Collector did not take, by reason.",
    labels: { reason: ["stale", "repeated", "oversized", "future", "malformed"] },
  },
  breakwater_telemetry_dropped_total: {
    kind: "counter",
    unit: "",
    help: "Telemetry entries lost: unknown metric or labels (deploys), impossible values, unreadable checkpoints, bulk reports given up.",
    labels: { reason: ["metric", "labels", "value", "checkpoint", "bulk"] },
  },
  breakwater_errors_reported_total: {
    kind: "counter",
    unit: "",
    help: "Errors for the error tracker, by what became of them.",
    labels: { outcome: ["sent", "dropped", "failed"] },
  },
  breakwater_cron_runs_total: {
    kind: "counter",
    unit: "",
    help: "Runs of each cron trigger, by how they ended.",
    labels: { cron: "cron", outcome: ["ok", "failed"] },
  },
  breakwater_log_lines_total: {
    kind: "counter",
    unit: "",
    help: "Log lines written, by level.",
    labels: { level: ["debug", "info", "warn", "error"] },
  },
  breakwater_build_info: {
    kind: "gauge",
    unit: "",
    help: "Always 1; the label says which version answered this scrape.",
    labels: { version: "version" },
  },
  breakwater_node_state: {
    kind: "gauge",
    unit: "",
    help: "1 for the state that the node's circuit breaker is in, 0 for the others.",
    labels: {
      node: "node",
      state: ["closed", "open", "half-open", "ramping", "forced-open", "forced-closed", "shadow"],
    },
  },
  breakwater_node_up: {
    kind: "gauge",
    unit: "",
    help: "1 if the node answered when it was last asked, else 0.",
    labels: { node: "node", role: ["primary", "replica", "unknown"] },
  },
  breakwater_replica_lag_seconds: {
    kind: "gauge",
    unit: "seconds",
    help: "How far the replica's data is behind the primary's, as last proven; absent where nothing proves it.",
    labels: { node: "node" },
  },
  breakwater_replica_in_rotation: {
    kind: "gauge",
    unit: "",
    help: "1 if reads go to the replica as a rule; 0 while it is drained, of a line that is over, or too far behind.",
    labels: { node: "node" },
  },
  breakwater_primary_known: {
    kind: "gauge",
    unit: "",
    help: "1 if the world knows one node that takes writes, else 0.",
    labels: {},
  },
  breakwater_primary_rivals: {
    kind: "gauge",
    unit: "",
    help: "Nodes that take writes and are not the primary: whatever is written there is lost. Somebody must look.",
    labels: {},
  },
  breakwater_epoch: {
    kind: "gauge",
    unit: "",
    help: "The number of the present line of history; each promotion begins the next one.",
    labels: {},
  },
  breakwater_epoch_pending: {
    kind: "gauge",
    unit: "",
    help: "1 while an epoch is decided and its node has not confirmed it: nothing can be written meanwhile.",
    labels: {},
  },
  breakwater_cache_runway_seconds: {
    kind: "gauge",
    unit: "seconds",
    help: "How long until the first of the hottest keys has no copy that may be given without the database; 0 where one has none, absent where no copy of any is known.",
    labels: {},
  },
  breakwater_cache_hot_keys: {
    kind: "gauge",
    unit: "",
    help: "Hottest keys whose copies the runway is measured by.",
    labels: {},
  },
  breakwater_reporters: {
    kind: "gauge",
    unit: "",
    help: "Isolates that reported to the Collectors lately.",
    labels: {},
  },
  breakwater_view_age_seconds: {
    kind: "gauge",
    unit: "seconds",
    help: "Age of what the answering isolate knows of the world, by part, since its owner said so.",
    labels: { part: ["breaker", "replicas", "bumps"] },
  },
  breakwater_cron_last_success_timestamp_seconds: {
    kind: "gauge",
    unit: "seconds",
    help: "When the cron trigger last succeeded, in seconds since 1970.",
    labels: { cron: "cron" },
  },
  breakwater_telemetry_checkpoint_age_seconds: {
    kind: "gauge",
    unit: "seconds",
    help: "Age of the oldest Collector's last checkpoint of its totals.",
    labels: {},
  },
} as const satisfies Readonly<Record<`breakwater_${string}`, Metric>>;

type Catalogue = typeof CATALOGUE;
export type MetricName = keyof Catalogue;

/** Whether a text is the name of a metric here. */
export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(CATALOGUE, name);
}

type NamesOf<Kind extends Metric["kind"]> = {
  [Name in MetricName]: Catalogue[Name]["kind"] extends Kind ? Name : never;
}[MetricName];
export type CounterName = NamesOf<"counter">;
export type GaugeName = NamesOf<"gauge">;
export type HistogramName = NamesOf<"histogram">;

/** The labels a series of the metric has: one of the list, or any text where a dimension bounds it. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof Catalogue[Name]["labels"]]: Catalogue[Name]["labels"][Label] extends readonly (infer Value)[]
    ? Value
    : string;
};
