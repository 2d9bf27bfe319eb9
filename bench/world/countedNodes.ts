import { HARD_HORIZON_MS, OPEN_AFTER_RUN, SOFT_HORIZON_MS } from "../../src/breaker/constants.ts";
import { CHECK_AFTER_MS, RECHECK_AFTER_MS, URGENT_CHECK_AGE_MS } from "../../src/health/constants.ts";
import type { BreakerPart, Have } from "../../src/rpc/parts.ts";
import type { Outcomes, Standing } from "../../src/rpc/report.ts";
import { compareStamps, stampOf } from "../../src/rpc/stamp.ts";
import { NODES } from "./constants.ts";

/** The breaker's word, and when it was spoken at the earliest. */
export interface Word {
  readonly part: BreakerPart;
  readonly said: number;
}

const PRIMARY = 0;
const NEVER = Number.NEGATIVE_INFINITY;

/** What one isolate knows of the nodes: the world's word, its own evidence, its own breakers. Indices are into `NODES`. */
export class CountedNodes {
  /** Twice the pace of exchanges. */
  softMs = SOFT_HORIZON_MS;
  /** When it first held the word that all nodes are open; undefined: it does not. */
  heardOpenAt: number | undefined;
  readonly #isDown: () => boolean;
  readonly #preferred: number;
  #checkAskedAt = NEVER;
  #held: Word | undefined;
  /** Requests that failed in a row, each on every node. */
  #failedRun = 0;
  readonly #successAt = NODES.map(() => NEVER);
  readonly #failureAt = NODES.map(() => NEVER);
  /** The world's epoch under which each node was opened here; undefined: it is closed here. */
  readonly #trippedIn: (number | undefined)[] = NODES.map(() => undefined);

  /** `preferred`: the replica that its reads go to. */
  constructor(preferred: number, isDown: () => boolean) {
    this.#preferred = preferred;
    this.#isDown = isDown;
  }

  get held(): Word | undefined {
    return this.#held;
  }

  get have(): Have {
    return this.#held ? { breaker: stampOf(this.#held.part) } : {};
  }

  get isIncident(): boolean {
    return this.#held?.part.nodes.some(({ state }) => state !== "closed") ?? false;
  }

  /** Takes in a word, where it is a later one; true: another statement. */
  adopt(word: Word, now: number): boolean {
    const order = this.#held ? compareStamps(word.part, this.#held.part) : 1;
    if (order < 0 || (order === 0 && this.#held && word.said <= this.#held.said)) return false;
    this.#held = word;
    for (const [index, { state, epoch }] of word.part.nodes.entries()) {
      const trippedIn = this.#trippedIn[index];
      const isOver = trippedIn !== undefined && state === "closed" && epoch > trippedIn && this.#isFresh(now);
      if (!isOver) continue;
      this.#trippedIn[index] = undefined;
      this.#failedRun = 0;
    }
    const isOpen = word.part.nodes.every(({ state }) => state !== "closed");
    this.heardOpenAt = isOpen ? (this.heardOpenAt ?? now) : undefined;
    return order > 0;
  }

  saw(index: number, isWell: boolean, at: number): void {
    (isWell ? this.#successAt : this.#failureAt)[index] = at;
  }

  /** The primary answered a write. */
  wrote(now: number): void {
    this.#successAt[PRIMARY] = now;
  }

  /** A request was answered. */
  answered(): void {
    this.#failedRun = 0;
  }

  /** A request failed on every node; true: that opened them here. */
  failed(now: number): boolean {
    this.#failureAt.fill(now);
    this.#failedRun++;
    if (this.#failedRun < OPEN_AFTER_RUN) return false;
    for (const index of NODES.keys()) this.#trippedIn[index] ??= this.#epochOf(index);
    return true;
  }

  /** Where reads go now: the preferred replica, the other one, the primary; undefined: nowhere. */
  serving(now: number): number | undefined {
    return [this.#preferred, 3 - this.#preferred, PRIMARY].find((index) => this.#admits(index, now));
  }

  /** Nodes that somebody should look at. */
  checksWanted(now: number): string[] {
    return NODES.filter((_, index) => this.#isCheckWanted(index, now));
  }

  /** As `AfterEvents`: one of those can wait for no pace, and nobody here asked for it lately. */
  asksForCheck(now: number): boolean {
    const wanted = [...NODES.keys()].filter((index) => this.#isCheckWanted(index, now));
    const hasFailed = (index: number) => (this.#failureAt[index] ?? NEVER) > this.#successOf(index, now);
    const everyMs = wanted.some(hasFailed) ? RECHECK_AFTER_MS : CHECK_AFTER_MS;
    const isUrgent = wanted.some((index) => hasFailed(index) || now - this.#seenAt(index, now) > URGENT_CHECK_AGE_MS);
    if (!isUrgent || now - this.#checkAskedAt < everyMs) return false;
    this.#checkAskedAt = now;
    return true;
  }

  standing(now: number): Standing[] {
    const serving = this.#isDown() ? undefined : this.serving(now);
    const age = (at: number | undefined) => (at === undefined || at === NEVER ? null : Math.max(0, now - at));
    return NODES.map((node, index) => ({
      node,
      epoch: this.#epochOf(index),
      failedRun: this.#trippedIn[index] === undefined ? this.#failedRun : OPEN_AFTER_RUN,
      slowRun: 0,
      tripped: this.#trippedIn[index] !== undefined,
      successAgeMs: index === serving ? 0 : age(this.#successAt[index]),
      failureAgeMs: age(this.#failureAt[index]),
      queryAgeMs: index === serving ? 0 : null,
    }));
  }

  /** How `requests` ended, were they served now; and `failed` on every node before that. */
  outcomes(requests: number, failed: number, now: number): Outcomes[] {
    const serving = this.#isDown() ? undefined : this.serving(now);
    return NODES.flatMap((node, index): Outcomes[] => {
      const ok = index === serving ? requests : 0;
      if (ok + failed === 0) return [];
      return [{ node, kind: "read", epoch: this.#epochOf(index), ok, failed, slow: 0, excluded: 0 }];
    });
  }

  #epochOf(index: number): number {
    return this.#held?.part.nodes[index]?.epoch ?? 0;
  }

  #isCheckWanted(index: number, now: number): boolean {
    return this.#admits(index, now) && now - this.#seenAt(index, now) >= CHECK_AFTER_MS;
  }

  #seenAt(index: number, now: number): number {
    return Math.max(this.#successOf(index, now), this.#failureAt[index] ?? NEVER);
  }

  /** The newest success that this isolate knows of: its own reads, or what the world saw. */
  #successOf(index: number, now: number): number {
    if (index === this.serving(now) && !this.#isDown()) return now;
    const ageMs = this.#held?.part.health[index]?.successAgeMs ?? Number.POSITIVE_INFINITY;
    return Math.max(this.#successAt[index] ?? NEVER, (this.#held?.said ?? now) - ageMs);
  }

  #admits(index: number, now: number): boolean {
    if (this.#trippedIn[index] !== undefined) return false;
    const verdict = this.#held?.part.nodes[index];
    return !verdict || !this.#isFresh(now) || verdict.state === "closed";
  }

  #isFresh(now: number): boolean {
    const ageMs = this.#held ? now - this.#held.said : Number.POSITIVE_INFINITY;
    return ageMs <= Math.min(HARD_HORIZON_MS, this.softMs);
  }
}
