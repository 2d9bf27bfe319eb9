import { readMessage } from "../rpc/readMessage.ts";
import {
  LEASE_MS,
  MAX_REPORTERS,
  MIN_REPORTERS,
  NODE_ROW_EVERY_MS,
  OPEN_AFTER_RUN,
  QUORUM_WINDOW_MS,
  WINDOW_MS,
} from "./constants.ts";
import { type HeldLease, type NodeRow, nodeRowSchema, type QuorumFloor, type ReporterWord } from "./nodeRow.ts";
import { type Counts, OutcomeWindow } from "./outcomeWindow.ts";
import { CLOSED, type Phase } from "./phase.ts";
import { type TripReason, tripReason } from "./tripRule.ts";

const NOTHING: Counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };

const SILENT: Omit<ReporterWord, "id"> = {
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
  readonly asking: number;
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
  successAt: number | null = null;
  failureAt: number | null = null;
  queryAt: number | null = null;
  /** What the instance before this one wrote of those that asked. */
  #floor: QuorumFloor = { count: 0, until: 0 };
  #written: Written | undefined;

  constructor(name: string, now: number) {
    this.name = name;
    this.phase = { ...CLOSED, since: now };
  }

  reporter(id: string): ReporterWord {
    return this.reporters.find((reporter) => reporter.id === id) ?? { id, ...SILENT };
  }

  /** Another reporter's word, or a newer one of the same. Of too many those are kept that a quorum is counted from. */
  hear(id: string, word: Partial<Omit<ReporterWord, "id">>, now: number): void {
    const others = this.reporters.filter(
      (reporter) => reporter.id !== id && (isAsking(reporter, now) || isFailing(reporter, now)),
    );
    const rank = (reporter: ReporterWord) => (isFailing(reporter, now) ? (isTroubled(reporter) ? 2 : 1) : 0);
    this.reporters = [...others, { ...this.reporter(id), ...word }]
      .sort((a, b) => rank(b) - rank(a) || b.askedAt - a.askedAt)
      .slice(0, MAX_REPORTERS);
  }

  /** Keeps the newest of what was seen. An answer ends the world's run: what failed before it no longer adds to it. */
  see({ successAt, failureAt, queryAt }: { successAt?: number; failureAt?: number; queryAt?: number }): void {
    const answeredAt = newest(this.successAt, successAt);
    if (answeredAt !== null && answeredAt !== this.successAt) {
      this.reporters = this.reporters.map((reporter) =>
        reporter.failedAt > answeredAt ? reporter : { ...reporter, failedSince: 0, slowSince: 0 },
      );
    }
    this.successAt = answeredAt;
    this.failureAt = newest(this.failureAt, failureAt);
    this.queryAt = newest(this.queryAt, queryAt);
  }

  /** How many of those that asked it lately must have trouble before it counts as the node's. */
  quorum(now: number): number {
    const { count, until } = this.#floor;
    return Math.max(1, Math.min(MIN_REPORTERS, Math.max(this.#asking(now), now < until ? count : 0)));
  }

  failing(now: number): number {
    return this.reporters.filter((reporter) => isFailing(reporter, now)).length;
  }

  /**
   * Why it should be open: because a quorum of reporters says so, each by its own rule; or because the evidence of a
   * quorum, taken together, does.
   */
  reasonToOpen(now: number): TripReason | undefined {
    const failing = this.reporters.filter((reporter) => isFailing(reporter, now));
    const quorum = this.quorum(now);
    if (failing.length < quorum) return undefined;
    const troubled = failing.filter(isTroubled);
    if (troubled.length >= quorum) return commonReason(troubled, quorum);
    const counts = now >= this.wholeAt ? this.window.totals(now) : NOTHING;
    const failedRun = runOf(failing, "failedSince", quorum);
    const slowRun = runOf(failing, "slowSince", quorum);
    return tripReason({ ...counts, failedRun, slowRun });
  }

  /** Forgets the evidence of the phase that ended. */
  forgetEvidence(): void {
    this.window.clear();
    this.wholeAt = 0;
    this.leases = [];
    this.unprovenAt = 0;
    this.reporters = this.reporters.map(({ id, askedAt }) => ({ id, ...SILENT, askedAt }));
  }

  /** Leases that are out. One that ends later than any can is of a clock that was set back since. */
  liveLeases(now: number): HeldLease[] {
    return this.leases.filter(({ expiresAt }) => expiresAt > now && expiresAt <= now + LEASE_MS);
  }

  /**
   * The row: at once another when a decision hangs on it, or more reporters ask than it tells of; else the one that is
   * written already, for as long as `NODE_ROW_EVERY_MS`.
   */
  toRow(now: number): string {
    const urgent = this.#urgentText(now);
    const { successAt, queryAt, reporters } = this;
    const calm = JSON.stringify({ successAt, queryAt, reporters });
    const asking = Math.min(MIN_REPORTERS, this.#asking(now));
    const written = this.#written;
    const isYoung = written !== undefined && Math.abs(now - written.at) < NODE_ROW_EVERY_MS;
    const mayWait = written !== undefined && urgent === written.urgent && asking <= written.asking;
    if (mayWait && (isYoung || calm === written.calm)) return written.text;
    const floor =
      asking >= this.#floor.count || now >= this.#floor.until
        ? { count: asking, until: now + NODE_ROW_EVERY_MS + QUORUM_WINDOW_MS }
        : this.#floor;
    const row: NodeRow = { ...this.#urgent(now), at: now, floor, reporters, successAt, queryAt };
    const text = JSON.stringify(row);
    this.#written = { text, at: now, urgent, calm, asking: floor.count };
    return text;
  }

  /** From a row; one that cannot be read is as none, and told by `undefined`. */
  static fromRow(name: string, text: string, now: number): WorldNode | undefined {
    const row = readMessage(nodeRowSchema, text, Number.POSITIVE_INFINITY);
    if (!row) return undefined;
    const { window, at, floor, ...rest } = row;
    const node = Object.assign(new WorldNode(name, now), rest, { window: OutcomeWindow.from(window) });
    node.#floor = floor;
    if (window.length === 0) node.wholeAt = now + WINDOW_MS;
    const { successAt, queryAt, reporters } = row;
    const calm = JSON.stringify({ successAt, queryAt, reporters });
    node.#written = { text, at, urgent: node.#urgentText(now), calm, asking: floor.count };
    return node;
  }

  #asking(now: number): number {
    return this.reporters.filter((reporter) => isAsking(reporter, now)).length;
  }

  #urgentText(now: number): string {
    return JSON.stringify([this.#urgent(now), this.reporters.filter((reporter) => isFailing(reporter, now))]);
  }

  /** What a decision hangs on. */
  #urgent(now: number) {
    const { failed, slow } = this.window.totals(now);
    return {
      phase: this.phase,
      // Calm counts are worth no row: after an eviction the window begins with what follows, and is whole ten seconds on.
      window: failed + slow > 0 ? this.window.toJSON() : [],
      wholeAt: this.wholeAt > now ? this.wholeAt : 0,
      leases: this.liveLeases(now),
      checkGrantedAt: this.checkGrantedAt,
      unprovenAt: this.unprovenAt,
      failureAt: this.failureAt,
    };
  }
}

/** Why enough of them are in trouble: what most of the quorum says of it, if it says the same. */
function commonReason(troubled: readonly ReporterWord[], quorum: number): TripReason {
  if (troubled.filter(({ failedRun }) => failedRun >= OPEN_AFTER_RUN).length >= quorum) return "failures-in-a-row";
  if (troubled.filter(({ slowRun }) => slowRun >= OPEN_AFTER_RUN).length >= quorum) return "slow-in-a-row";
  return "reporters-tripped";
}

/** The world's run: of each reporter no more than its share, so that none makes it alone, however much it failed. */
function runOf(failing: readonly ReporterWord[], run: "failedSince" | "slowSince", quorum: number): number {
  const most = Math.ceil(OPEN_AFTER_RUN / quorum);
  return failing.reduce((sum, reporter) => sum + Math.min(most, reporter[run]), 0);
}

function isAsking({ askedAt }: ReporterWord, now: number): boolean {
  return Math.abs(now - askedAt) < QUORUM_WINDOW_MS;
}

function isFailing({ failingAt }: ReporterWord, now: number): boolean {
  return Math.abs(now - failingAt) < WINDOW_MS;
}

/** Whether it is in trouble with the node by its own rule. */
function isTroubled({ tripped, failedRun, slowRun }: ReporterWord): boolean {
  return tripped || failedRun >= OPEN_AFTER_RUN || slowRun >= OPEN_AFTER_RUN;
}

function newest(known: number | null, seen: number | undefined): number | null {
  if (seen === undefined) return known;
  return known === null ? seen : Math.max(known, seen);
}
