import * as z from "zod/mini";
import { leaseSchema } from "../rpc/reply.ts";
import type { Standing } from "../rpc/report.ts";
import { MAX_REPORTERS, MIN_REPORTERS, OPEN_AFTER_RUN, QUORUM_WINDOW_MS, WINDOW_MS } from "./constants.ts";
import { OutcomeWindow } from "./outcomeWindow.ts";
import { CLOSED, type Phase, phaseSchema } from "./phase.ts";
import { type TripReason, tripReason } from "./tripRule.ts";

const reporterSchema = z.object({
  id: z.string(),
  /** When it last asked the node, and when it last had trouble with it. */
  askedAt: z.number(),
  failingAt: z.number(),
  failedRun: z.number(),
  slowRun: z.number(),
});
export type ReporterWord = z.infer<typeof reporterSchema>;

const heldLeaseSchema = z.object({ ...leaseSchema.shape, expiresAt: z.number(), holder: z.string() });
export type HeldLease = z.infer<typeof heldLeaseSchema>;

const slotSchema = z.object({
  at: z.number(),
  ok: z.number(),
  failed: z.number(),
  slow: z.number(),
  excluded: z.number(),
});

/** A node's row in the owner's storage. Additive: what an older version did not write has a default. */
const nodeRowSchema = z.object({
  phase: phaseSchema,
  window: z.array(slotSchema),
  failedRun: z.number(),
  slowRun: z.number(),
  reporters: z.array(reporterSchema),
  leases: z.array(heldLeaseSchema),
  checkGrantedAt: z.number(),
  successAt: z.nullable(z.number()),
  failureAt: z.nullable(z.number()),
  queryAt: z.nullable(z.number()),
});

/** Times in rows are cut to this: a row that only got younger by less is not written again. */
const ROW_GRAIN_MS = 20_000;

/** One node as the CircuitBreaker sees it: everybody's evidence, and what follows from it. */
export class WorldNode {
  readonly name: string;
  phase: Phase;
  window = new OutcomeWindow();
  failedRun = 0;
  slowRun = 0;
  reporters: ReporterWord[] = [];
  leases: HeldLease[] = [];
  checkGrantedAt = 0;
  successAt: number | null = null;
  failureAt: number | null = null;
  queryAt: number | null = null;

  constructor(name: string, now: number) {
    this.name = name;
    this.phase = { ...CLOSED, since: now };
  }

  /** Another reporter's word, or a newer one of the same. The oldest of too many is forgotten. */
  hear(id: string, word: Partial<Omit<ReporterWord, "id">>): void {
    const known = this.reporters.find((reporter) => reporter.id === id);
    const others = this.reporters.filter((reporter) => reporter.id !== id);
    const next = { askedAt: 0, failingAt: 0, failedRun: 0, slowRun: 0, ...known, ...word, id };
    // Those with trouble stay: they are what a quorum is counted from.
    const order = (reporter: ReporterWord) => Math.max(reporter.askedAt, reporter.failingAt + QUORUM_WINDOW_MS);
    this.reporters = [...others, next].sort((a, b) => order(b) - order(a)).slice(0, MAX_REPORTERS);
  }

  /** Keeps the newest of what was seen. */
  see({ successAt, failureAt, queryAt }: { successAt?: number; failureAt?: number; queryAt?: number }): void {
    this.successAt = newest(this.successAt, successAt);
    this.failureAt = newest(this.failureAt, failureAt);
    this.queryAt = newest(this.queryAt, queryAt);
  }

  /** How many of those that asked it lately must have trouble before it counts as the node's. */
  quorum(now: number): number {
    const asking = this.reporters.filter(({ askedAt }) => now - askedAt < QUORUM_WINDOW_MS).length;
    return Math.max(1, Math.min(MIN_REPORTERS, asking));
  }

  failing(now: number): number {
    return this.reporters.filter(({ failingAt }) => now - failingAt < WINDOW_MS).length;
  }

  /** Why it should be open, where enough reporters agree. */
  reasonToOpen(now: number): TripReason | undefined {
    if (this.failing(now) < this.quorum(now)) return undefined;
    const worst = (run: "failedRun" | "slowRun") =>
      Math.max(
        this[run],
        ...this.reporters.filter(({ failingAt }) => now - failingAt < WINDOW_MS).map((reporter) => reporter[run]),
      );
    const seen = { ...this.window.totals(now), failedRun: worst("failedRun"), slowRun: worst("slowRun") };
    return tripReason(seen);
  }

  /** Forgets the evidence of the phase that ended. */
  forgetEvidence(): void {
    this.window.clear();
    this.failedRun = 0;
    this.slowRun = 0;
    this.leases = [];
    this.reporters = this.reporters.map((reporter) => ({ ...reporter, failingAt: 0, failedRun: 0, slowRun: 0 }));
  }

  liveLeases(now: number): HeldLease[] {
    return this.leases.filter(({ expiresAt }) => expiresAt > now);
  }

  toRow(now: number): string {
    const { failed, slow } = this.window.totals(now);
    const row: z.infer<typeof nodeRowSchema> = {
      phase: this.phase,
      // Calm counts are worth no row: losing them can only make a verdict later, never wrong.
      window: failed + slow > 0 ? (this.window.toJSON() as z.infer<typeof slotSchema>[]) : [],
      failedRun: this.failedRun,
      slowRun: this.slowRun,
      reporters: this.reporters.map((reporter) => ({ ...reporter, askedAt: grain(reporter.askedAt) })),
      leases: this.leases,
      checkGrantedAt: this.checkGrantedAt,
      successAt: this.successAt === null ? null : grain(this.successAt),
      failureAt: this.failureAt,
      queryAt: this.queryAt === null ? null : grain(this.queryAt),
    };
    return JSON.stringify(row);
  }

  /** From a row; one that cannot be read is as none, and told by `undefined`. */
  static fromRow(name: string, text: string, now: number): WorldNode | undefined {
    const parsed = nodeRowSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    const { window, ...rest } = parsed.data;
    return Object.assign(new WorldNode(name, now), rest, { window: OutcomeWindow.from(window) });
  }
}

/** Whether the reporter has trouble with the node by its own rule. */
export function hasTrouble({ tripped, failedRun, slowRun }: Standing): boolean {
  return tripped || failedRun >= OPEN_AFTER_RUN || slowRun >= OPEN_AFTER_RUN;
}

function newest(known: number | null, seen: number | undefined): number | null {
  if (seen === undefined) return known;
  return known === null ? seen : Math.max(known, seen);
}

function grain(at: number): number {
  return Math.floor(at / ROW_GRAIN_MS) * ROW_GRAIN_MS;
}
