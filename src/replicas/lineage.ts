import * as z from "zod/mini";
import { compareEpochs } from "./topology.ts";

const node = z.string();
const bigint = z.string();
const nullable = z._default(z.nullable(bigint), null);

/** An epoch that is to begin: decided and kept here before the new primary is told, so that no number is given twice. */
const pendingSchema = z.object({
  node,
  epoch: bigint,
  /** The newest epoch of that node's own line. */
  parent: bigint,
  /** What was surely over on it while it was a standby; null: nobody looked. */
  switchXmin: z.nullable(bigint),
  timeline: z.nullable(z.string()),
  /** By an operator: the holder's return does not undo it. */
  ordered: z._default(z.boolean(), false),
  /** On the holder itself, whose log is not what it was: his being there does not undo it either. */
  wentBack: z._default(z.boolean(), false),
});
export type PendingEpoch = Readonly<z.infer<typeof pendingSchema>>;

export const lineageSchema = z.object({
  /** Who holds the newest epoch; null: nobody was ever found. */
  holder: z._default(z.nullable(z.object({ node, epoch: bigint })), null),
  /** The highest epoch that was ever decided on. */
  decided: nullable,
  pending: z._default(z.nullable(pendingSchema), null),
  /** Who claimed the holder's own epoch while the holder answered: their line is another, whatever happens to his. */
  rivals: z._default(z.array(node), []),
});
export type LineageRow = z.infer<typeof lineageSchema>;

/** What one node said in the round. */
export interface LineageReport {
  readonly node: string;
  readonly inRecovery: boolean;
  readonly epoch: string | null;
  readonly timeline: string | null;
}

/**
 * Which line of history is the present one. Whoever holds the newest epoch keeps it while he answers; a standby that was
 * promoted begins the next one once he does not. A node that claimed his epoch beside him is a rival, and is taken for
 * the primary only by an operator's word. Deterministic, with a row in and out.
 */
export class Lineage {
  #row: LineageRow;
  /** What was over on each standby when it was last looked at. */
  readonly #standbyXmin = new Map<string, string>();

  /** `nodes`: those that are configured. A rival that is none any more claims nothing here. */
  constructor(row: LineageRow | undefined, nodes: readonly string[]) {
    const known = row ?? lineageSchema.parse({});
    this.#row = { ...known, rivals: known.rivals.filter((name) => nodes.includes(name)) };
  }

  get row(): LineageRow {
    return this.#row;
  }

  get holder(): LineageRow["holder"] {
    return this.#row.holder;
  }

  get pending(): PendingEpoch | null {
    return this.#row.pending;
  }

  isRival(name: string): boolean {
    return this.#row.rivals.includes(name);
  }

  /** A sample of a standby: of no use once it was promoted, and the only one there will be then. */
  noteStandby(name: string, xmin: string | null): void {
    if (xmin !== null) this.#standbyXmin.set(name, xmin);
  }

  /**
   * What the round's answers mean. `asked`: who was asked at all; the silence of one who was not means nothing.
   * `newestEpoch`: the highest that any node ever named.
   */
  hear(reports: readonly LineageReport[], asked: readonly string[], newestEpoch: string | null): void {
    const primaries = reports.filter(({ inRecovery, epoch }) => !inRecovery && epoch !== null);
    const claimants = primaries.filter(({ epoch }) => compareEpochs(epoch, newestEpoch) === 0);
    this.#settlePending(claimants);
    // Who is a standby again was rebuilt, and claims nothing: should it be promoted once more, it is as any other.
    const standbys = reports.filter(({ inRecovery }) => inRecovery).map((report) => report.node);
    if (standbys.some((name) => this.isRival(name))) {
      this.#set({ rivals: this.#row.rivals.filter((name) => !standbys.includes(name)) });
    }
    const { holder } = this.#row;
    if (!holder) {
      const [only, ...others] = claimants;
      if (only && others.length === 0) this.#holds(only);
      return;
    }
    const newer = claimants.filter(({ epoch }) => compareEpochs(epoch, holder.epoch) > 0);
    const [successor, ...rivals] = newer;
    if (successor && rivals.length === 0) {
      this.#holds(successor);
      return;
    }
    const isThere = claimants.some((claimant) => claimant.node === holder.node);
    const others = claimants.filter((claimant) => claimant.node !== holder.node);
    if (isThere) {
      const { pending } = this.#row;
      this.#set({
        // He only was silent for a while. If it began all the same, its node says so next.
        pending: pending?.ordered || pending?.wentBack ? pending : null,
        rivals: [...new Set([...this.#row.rivals, ...others.map((other) => other.node)])].sort(),
      });
      return;
    }
    const promoted = others.filter((other) => !this.isRival(other.node));
    const [only, ...more] = promoted;
    if (only && more.length === 0 && asked.includes(holder.node)) this.#decide(only);
  }

  /** The holder's own log is not what it was: what goes on from there is another epoch. */
  wentBack(report: LineageReport): void {
    this.#decide(report, { wentBack: true });
  }

  /** An operator's word: this node, which takes writes, is the primary. False: it was not seen to take any. */
  take(report: LineageReport | undefined): boolean {
    if (!report || report.inRecovery || report.epoch === null) return false;
    this.#set({ rivals: this.#row.rivals.filter((name) => name !== report.node) });
    this.#decide(report, { ordered: true });
    return true;
  }

  /** An operator's word: the holder stays what he is, whatever was ordered before. */
  stays(): void {
    if (this.#row.pending?.ordered) this.#set({ pending: null });
  }

  /** The node said that the epoch cannot begin there: what it is now, the next round tells. */
  refused(pending: PendingEpoch): void {
    if (this.#row.pending === pending) this.#set({ pending: null });
  }

  /** A pending epoch that has begun: its node holds it. */
  #settlePending(claimants: readonly LineageReport[]): void {
    const { pending } = this.#row;
    const begun = claimants.find(({ node, epoch }) => node === pending?.node && epoch === pending.epoch);
    if (begun) this.#holds(begun);
  }

  #holds({ node: name, epoch }: LineageReport): void {
    if (epoch === null) return;
    this.#set({ holder: { node: name, epoch }, decided: later(this.#row.decided, epoch), pending: null, rivals: [] });
  }

  #decide({ node: name, epoch, timeline }: LineageReport, { ordered = false, wentBack = false } = {}): void {
    const { pending, decided } = this.#row;
    if (epoch === null || (pending?.node === name && pending.parent === epoch)) return;
    const next = String(BigInt(later(decided, epoch) ?? epoch) + 1n);
    const switchXmin = wentBack ? null : (this.#standbyXmin.get(name) ?? null);
    const decision = { node: name, epoch: next, parent: epoch, switchXmin, timeline, ordered, wentBack };
    this.#set({ pending: decision, decided: next });
  }

  #set(change: Partial<LineageRow>): void {
    this.#row = { ...this.#row, ...change };
  }
}

function later(a: string | null, b: string | null): string | null {
  return compareEpochs(a, b) >= 0 ? a : b;
}
