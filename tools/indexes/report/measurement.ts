import * as z from "zod/mini";

const measuredQuery = z.object({
  name: z.string(),
  /** Which parameters: `rare`, `common` and the like. */
  sample: z.string(),
  kind: z.enum(["read", "write"]),
  /** The statement's fingerprint: another text is another query, even under the same name. */
  text: z.string(),
  /** Tables that its plan reads or writes. */
  tables: z.array(z.string()),
  /** Indexes that its plan reads. */
  indexes: z.array(z.string()),
  /** Shared buffers touched by one warm execution, hit or read. */
  buffers: z.number(),
  /** Bytes of WAL of one execution; 0 of a read, but for hint bits. */
  walBytes: z.number(),
  /** Of each round in order, measured at the client. */
  ms: z.array(z.number()),
  /** Why it has no numbers. */
  trouble: z.optional(z.string()),
});

const measuredTable = z.object({
  name: z.string(),
  /** The planner's estimate. */
  rows: z.number(),
  bytes: z.number(),
  /** `never`: the planner knows nothing of it. `stale`: it has grown much since. */
  analysed: z.enum(["yes", "never", "stale"]),
});

/** What `indexes bench` keeps: numbers, and everything needed to know what they may be compared with. */
export const measurement = z.object({
  version: z.literal(1),
  label: z.string(),
  takenAt: z.string(),
  /** Null outside a checkout. */
  commit: z.nullable(z.string()),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    system: z.string(),
    node: z.string(),
  }),
  postgres: z.object({ version: z.string(), settings: z.record(z.string(), z.string()) }),
  tables: z.array(measuredTable),
  indexes: z.array(z.object({ name: z.string(), table: z.string(), definition: z.string(), bytes: z.number() })),
  runs: z.number(),
  /** Of what there was no row to take a sample from: such queries ran with values that no row has. */
  missing: z._default(z.array(z.string()), []),
  queries: z.array(measuredQuery),
});

export type Measurement = z.infer<typeof measurement>;
export type MeasuredQuery = z.infer<typeof measuredQuery>;
export type MeasuredTable = z.infer<typeof measuredTable>;
