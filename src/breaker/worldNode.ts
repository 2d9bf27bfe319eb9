import { readMessage } from "../rpc/readMessage.ts";
import { LEASE_MS, NODE_ROW_EVERY_MS, QUORUM_WINDOW_MS, WINDOW_MS } from "./constants.ts";
import { type HeldLease, type NodeRow, nodeRowSchema, type QuorumFloor, type ReporterWord } from "./nodeRow.ts";
import { type Counts, OutcomeWindow } from "./outcomeWindow.ts";
import { CLOSED, evidentOf, type Phase } from "./phase.ts";
import { countedOf, hasFailedRampOf, type Quorum, reasonOf } from "./quorum.ts";
import { isAsking, isFailing, wordsToKeep } from "./reporterWords.ts";
import type { TripReason } from "./tripRule.ts";

const NOTHING: Counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };

const SILENT: Omit<ReporterWord, "id" | "colo"> = {
  askedAt: 0,
  failingAt: 0,
  failedAt: 0,
  failedRun: 0,
  slowRun: 0,
  tripped: false,
  failedSince: 0,
  slowSince: 0,
};

/** The row as it stands in storage, and what of it may not wait. */
interface Written {
  readonly text: string;
  readonly at: number;
  readonly urgent: string;
  readonly calm: string;
  readonly asking: Quorum;
}

/** One node as the CircuitBreaker sees it: everybody's evidence, and what follows from it. */
export class WorldNode {
  readonly name: string;
  phase: Phase;
  window = new OutcomeWindow();
  /** From when on the window misses nothing. Until then a share of it means nothing: the answers may be what it misses. */
  wholeAt = 0;
  reporters: ReporterWord[] = [];
  leases: HeldLease[] = [];
  checkGrantedAt = 0;
  /** When a probe last proved nothing. */
  unprovenAt = 0;
  /** Whose probe failed last since the node was closed; empty: none that is known. */
  failedColo = "";
  /** In which epoch that was. */
  failedEpoch = -1;
  successAt: number | null = null;
  failureAt: number | null = null;
  queryAt: number | null = null;
  /** Failures and slow answers since the node last answered anybody. */
  badSince = 0;
  /** What the instance before this one wrote of those that asked. */
  #floor: QuorumFloor = { count: 0, until: 0 };
  #coloFloor: QuorumFloor = { count: 0, until: 0 };
  #written: Written | undefined;

  constructor(name: string, now: number) {
    this.name = name;
    this.phase = { ...CLOSED, since: now };
  }

  reporter(id: string): ReporterWord {
    return this.reporters.find((reporter) => reporter.id === id) ?? { id, colo: "", ...SILENT };
  }

  /** Another reporter's word, or a newer one of the same. Of too many those are kept that a quorum is counted from. */
  hear(id: string, word: Partial<Omit<ReporterWord, "id">>, now: number): void {
    const others = this.reporters.filter(
      (reporter) => reporter.id !== id && (isAsking(reporter, now) || isFailing(reporter, now)),
    );
    this.reporters = wordsToKeep([...others, { ...this.reporter(id), ...word }], now);
  }

  /** Keeps the newest of what was seen. An answer ends the world's run: what failed before it no longer adds to it. */
  see({ successAt, failureAt, queryAt }: { successAt?: number; failureAt?: number; queryAt?: number }): void {
    const answeredAt = newest(this.successAt, successAt);
    this.reporters = this.reporters.map((reporter) =>
      reporter.failedAt > (answeredAt ?? 0) ? reporter : { ...reporter, failedSince: 0, slowSince: 0 },
    );
    if (answeredAt !== this.successAt) {
      this.badSince = this.reporters.reduce((sum, { failedSince, slowSince }) => sum + failedSince + slowSince, 0);
    }
    this.successAt = answeredAt;
    this.failureAt = newest(this.failureAt, failureAt);
    this.queryAt = newest(this.queryAt, queryAt);
  }

  /**
   * How many of those that asked it lately must have trouble before it counts as the node's, and of how many colos: one
   * that lost its own way there opens the node for itself alone, by its isolates' own breakers. A colo whose isolates
   * went away content is waited for until its last word is too old; one where alone it is asked waits for nobody.
   */
  quorum(now: number): Quorum {
    const { reporters, colos } = this.#asking(now);
    return {
      reporters: Math.max(1, reporters, countOf(this.#floor, now)),
      colos: Math.max(1, colos, countOf(this.#coloFloor, now)),
    };
  }

  /** The words of those that have trouble with it now. */
  failing(now: number): ReporterWord[] {
    return this.reporters.filter((reporter) => isFailing(reporter, now));
  }

  reasonToOpen(now: number): TripReason | undefined {
    const { badSince, successAt: answeredAt } = this;
    const evidence = { failing: this.failing(now), quorum: this.quorum(now), answeredAt, badSince };
    const counts = this.window.totals(now);
    if (evidentOf(this.phase)?.state !== "ramping") {
      return reasonOf({ ...evidence, counts: now >= this.wholeAt ? counts : NOTHING });
    }
    return hasFailedRampOf({ ...evidence, counts }) ? "failed-while-ramping" : undefined;
  }

  /** Forgets the evidence of the phase that ended. */
  forgetEvidence(): void {
    this.window.clear();
    this.badSince = 0;
    this.wholeAt = 0;
    this.reporters = this.reporters.map(({ id, colo, askedAt }) => ({ id, colo, ...SILENT, askedAt }));
  }

  /** Leases that are out. One that ends later than any can is of a clock that was set back since. */
  liveLeases(now: number): HeldLease[] {
    return this.leases.filter(({ expiresAt }) => expiresAt > now && expiresAt <= now + LEASE_MS);
  }

  /** Of them, those of this phase: one of before proves nothing any more, though its holder may still be asking. */
  leasesOfPhase(now: number): HeldLease[] {
    return this.liveLeases(now).filter(({ epoch }) => epoch === this.phase.epoch);
  }

  /**
   * The row: at once another when a decision hangs on it, or more reporters or colos ask than it tells of; else the one
   * that is written already, for as long as `NODE_ROW_EVERY_MS`.
   */
  toRow(now: number): string {
    const urgent = this.#urgentText(now);
    const { successAt, queryAt, reporters } = this;
    const calm = JSON.stringify({ successAt, queryAt, reporters });
    const asking = this.#asking(now);
    const written = this.#written;
    const isYoung = written !== undefined && Math.abs(now - written.at) < NODE_ROW_EVERY_MS;
    const mayWait = written !== undefined && urgent === written.urgent && isWithin(asking, written.asking);
    if (mayWait && (isYoung || calm === written.calm)) return written.text;
    const floor = floorAfter(this.#floor, asking.reporters, now);
    const coloFloor = floorAfter(this.#coloFloor, asking.colos, now);
    const row: NodeRow = { ...this.#urgent(now), at: now, floor, coloFloor, reporters, successAt, queryAt };
    const text = JSON.stringify(row);
    this.#written = { text, at: now, urgent, calm, asking: { reporters: floor.count, colos: coloFloor.count } };
    return text;
  }

  /** From a row; one that cannot be read is as none, and told by `undefined`. */
  static fromRow(name: string, text: string, now: number): WorldNode | undefined {
    const row = readMessage(nodeRowSchema, text, Number.POSITIVE_INFINITY);
    if (!row) return undefined;
    const { window, at, floor, coloFloor, ...rest } = row;
    const node = Object.assign(new WorldNode(name, now), rest, { window: OutcomeWindow.from(window) });
    node.#floor = floor;
    node.#coloFloor = coloFloor;
    if (window.length === 0) node.wholeAt = now + WINDOW_MS;
    const { successAt, queryAt, reporters } = row;
    const calm = JSON.stringify({ successAt, queryAt, reporters });
    const asking = { reporters: floor.count, colos: coloFloor.count };
    node.#written = { text, at, urgent: node.#urgentText(now), calm, asking };
    return node;
  }

  #asking(now: number): Quorum {
    return countedOf(this.reporters.filter((reporter) => isAsking(reporter, now)));
  }

  #urgentText(now: number): string {
    return JSON.stringify([this.#urgent(now), this.failing(now)]);
  }

  /** What a decision hangs on. */
  #urgent(now: number) {
    const { failed, slow } = this.window.totals(now);
    return {
      phase: this.phase,
      // Calm counts are worth no row: after an eviction the window begins with what follows, and is whole ten seconds on.
      window: failed + slow > 0 ? this.window.toJSON() : [],
      wholeAt: this.wholeAt,
      leases: this.liveLeases(now),
      checkGrantedAt: this.checkGrantedAt,
      unprovenAt: this.unprovenAt,
      failedColo: this.failedColo,
      failedEpoch: this.failedEpoch,
      badSince: this.badSince,
      failureAt: this.failureAt,
    };
  }
}

function countOf({ count, until }: QuorumFloor, now: number): number {
  return now < until ? count : 0;
}

/** The floor that the next row tells: of those that ask now, unless the one before holds it higher yet. */
function floorAfter(before: QuorumFloor, count: number, now: number): QuorumFloor {
  if (count < before.count && now < before.until) return before;
  return { count, until: now + NODE_ROW_EVERY_MS + QUORUM_WINDOW_MS };
}

function isWithin(asking: Quorum, told: Quorum): boolean {
  return asking.reporters <= told.reporters && asking.colos <= told.colos;
}

function newest(known: number | null, seen: number | undefined): number | null {
  if (seen === undefined) return known;
  return Math.max(known ?? seen, seen);
}
