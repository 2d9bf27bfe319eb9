import type { Outcome } from "../breaker/outcomeWindow.ts";
import { MAX_BUMPS, MAX_NODES } from "../rpc/constants.ts";
import type { Bump, OutcomeKind, Outcomes, Sample, Settlement } from "../rpc/report.ts";
import { BUMP_GAP_MS, MAX_WAITING_BUMPS, URGENT_GAP_MS } from "./constants.ts";

/** What of the ledger a report says. */
export interface Entries {
  readonly requests: number;
  readonly overMs: number;
  readonly outcomes: Outcomes[];
  readonly samples: Sample[];
  readonly settle: Settlement[];
  readonly bumps: Bump[];
  readonly sample: boolean;
  readonly bounded: boolean;
}

/** `at`: when it came, by the isolate's clock. */
export interface TimedSample extends Omit<Sample, "ageMs"> {
  readonly at: number;
}

/** What happened here since the last report: it only grows, until it is taken. Cheap: it is on every request's path. */
export class Ledger {
  #requests = 0;
  #since: number | undefined;
  /** By node and kind; few, and looked up by a scan that is faster than a joined key. */
  #outcomes: Outcomes[] = [];
  readonly #samples = new Map<string, TimedSample>();
  #settle: Settlement[] = [];
  #bumps = new Map<string, Bump>();
  #bumpUrgentAt = 0;
  #sample = false;
  #bounded = false;
  #urgentAt: number | undefined;
  /** Bumps that found no room. */
  droppedBumps = 0;

  /** When what is in it became urgent; undefined: it can wait. */
  get urgentAt(): number | undefined {
    return this.#urgentAt;
  }

  get isEmpty(): boolean {
    return this.#requests === 0 && this.#outcomes.length === 0 && this.#settle.length === 0 && this.#bumps.size === 0;
  }

  /** Requests since the last report. */
  get requests(): number {
    return this.#requests;
  }

  /** Leases were spent, and nobody was told how. */
  get hasSettlements(): boolean {
    return this.#settle.length > 0;
  }

  request(now: number): void {
    this.#since ??= now;
    this.#requests++;
  }

  /** An attempt on a node ended. `epoch`: the world's, of that node's breaker. */
  outcome(node: string, kind: OutcomeKind, outcome: Outcome, epoch: number): void {
    this.#cell(node, kind, epoch)[outcome]++;
  }

  sample(sample: TimedSample): void {
    if (this.#samples.has(sample.node) || this.#samples.size < MAX_NODES) this.#samples.set(sample.node, sample);
  }

  /** A node said another role than the view does. */
  roleChanged(now: number): void {
    this.#sample = true;
    this.urgent(now);
  }

  /** Somebody asked for a bounded read. */
  boundedAsked(): void {
    this.#bounded = true;
  }

  settled(settlement: Settlement, now: number): void {
    if (this.#settle.length < MAX_NODES) this.#settle.push(settlement);
    this.urgent(now);
  }

  /** A write happened. The first is urgent at once, more of them together some seconds later; one without tags is no news. */
  bump(bump: Bump, now: number): void {
    if (bump.buckets.length === 0) return;
    if (this.#bumps.size >= MAX_WAITING_BUMPS && !this.#bumps.has(bump.id)) {
      this.droppedBumps++;
      return;
    }
    this.#bumps.set(bump.id, bump);
    this.urgent(Math.max(now, this.#bumpUrgentAt));
  }

  /** Bumps that were taken and never arrived: ahead of those that came since, and whether or not there is room. */
  putBack(bumps: readonly Bump[]): void {
    this.#bumps = new Map([...bumps.map((bump) => [bump.id, bump] as const), ...this.#bumps]);
  }

  urgent(at: number): void {
    this.#urgentAt = Math.min(this.#urgentAt ?? at, at);
  }

  /** Takes what there is, as much of it as one report holds. */
  take(now: number): Entries {
    const bumps = [...this.#bumps.values()].slice(0, MAX_BUMPS);
    for (const { id } of bumps) this.#bumps.delete(id);
    // What did not fit goes with the next one, soon: there are as many writes as that.
    if (bumps.length > 0) this.#bumpUrgentAt = now + (this.#bumps.size > 0 ? URGENT_GAP_MS : BUMP_GAP_MS);
    const entries = {
      requests: this.#requests,
      overMs: this.#since === undefined ? 0 : Math.max(0, now - this.#since),
      outcomes: this.#outcomes,
      samples: Array.from(this.#samples.values(), (sample) => reported(sample, now)),
      settle: this.#settle,
      bumps,
      sample: this.#sample,
      bounded: this.#bounded,
    };
    this.#requests = 0;
    this.#since = now;
    this.#outcomes = [];
    this.#samples.clear();
    this.#settle = [];
    this.#sample = false;
    this.#bounded = false;
    this.#urgentAt = this.#bumps.size > 0 ? this.#bumpUrgentAt : undefined;
    return entries;
  }

  #cell(node: string, kind: OutcomeKind, epoch: number): Outcomes {
    const known = this.#outcomes.find((cell) => cell.node === node && cell.kind === kind);
    if (!known) {
      const cell = { node, kind, epoch, ok: 0, failed: 0, slow: 0, excluded: 0 };
      this.#outcomes.push(cell);
      return cell;
    }
    if (known.epoch !== epoch) {
      // The node's breaker moved on: what was counted before says nothing about now.
      known.excluded += known.ok + known.failed + known.slow;
      known.ok = 0;
      known.failed = 0;
      known.slow = 0;
      known.epoch = epoch;
    }
    return known;
  }
}

/** The clock may have been put back meanwhile, and a report with a negative time is refused as a whole. */
function reported({ at, tookMs, ...sample }: TimedSample, now: number): Sample {
  return { ...sample, tookMs: Math.max(0, tookMs), ageMs: Math.max(0, now - at) };
}
