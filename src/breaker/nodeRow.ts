import * as z from "zod/mini";
import { leaseSchema } from "../rpc/reply.ts";
import { phaseSchema } from "./phase.ts";

const time = z.number();
const none = z._default(z.number(), 0);

/** What the owner remembers of one isolate's word on one node. */
const reporterSchema = z.object({
  id: z.string(),
  /** Where it is; empty: it did not say. */
  colo: z._default(z.string(), ""),
  /** When it last asked the node, when it last told of trouble, and when the node last failed it. */
  askedAt: time,
  failingAt: time,
  failedAt: none,
  /** Its own runs, and whether its own breaker is open. */
  failedRun: z.number(),
  slowRun: z.number(),
  tripped: z._default(z.boolean(), false),
  /** What it added to the world's runs: since the node last answered anybody. */
  failedSince: none,
  slowSince: none,
});
export type ReporterWord = z.infer<typeof reporterSchema>;

const heldLeaseSchema = z.object({ ...leaseSchema.shape, expiresAt: time, holder: z.string() });
export type HeldLease = z.infer<typeof heldLeaseSchema>;

const slotSchema = z.object({
  at: z.number(),
  ok: z.number(),
  failed: z.number(),
  slow: z.number(),
  excluded: z.number(),
});

/** Until `until` at least so many reporters, or colos, count as asking: more may have asked than rows were written. */
const floorSchema = z.object({ count: z.number(), until: time });
export type QuorumFloor = z.infer<typeof floorSchema>;

/** A node's row in the owner's storage. Additive: what an older version did not write has a default. */
export const nodeRowSchema = z.object({
  phase: phaseSchema,
  /** When the row was made. */
  at: none,
  floor: z._default(floorSchema, { count: 0, until: 0 }),
  coloFloor: z._default(floorSchema, { count: 0, until: 0 }),
  window: z._default(z.array(slotSchema), []),
  /** From when on the window misses nothing: calm counts stand in no row. */
  wholeAt: none,
  reporters: z._default(z.array(reporterSchema), []),
  leases: z._default(z.array(heldLeaseSchema), []),
  checkGrantedAt: none,
  unprovenAt: none,
  failedColo: z._default(z.string(), ""),
  failedEpoch: z._default(z.number(), -1),
  badSince: none,
  successAt: z._default(z.nullable(time), null),
  failureAt: z._default(z.nullable(time), null),
  queryAt: z._default(z.nullable(time), null),
});
export type NodeRow = z.infer<typeof nodeRowSchema>;
