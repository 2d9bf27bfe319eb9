import { BumpLog } from "../../../../src/cache/bumpLog.ts";
import type { CacheDigest } from "../../../../src/rpc/digest.ts";
import type { BumpsPart } from "../../../../src/rpc/parts.ts";
import type { ProbeSample } from "../../../../src/rpc/probing.ts";
import type { PurgeOrder } from "../../../../src/rpc/refreshLease.ts";

export const NOW = 1_700_000_000_000;

/** How an object is run: as one instance, or as a new one from the saved rows between any two calls. */
export const lives = [
  ["one instance", false],
  ["evicted between any two calls", true],
] as const;

/** A log of bumps with its storage and its clock. */
export class BumpBed {
  now = NOW;
  writes = 0;
  readonly rows = new Map<string, string>();
  readonly #names: readonly string[];
  readonly #sleepers: readonly string[];
  readonly #evicts: boolean;
  #log: BumpLog;

  /** `nodes`: none where nobody is to be asked. */
  constructor({ evicts = false, nodes = [] as readonly string[], sleepers = [] as readonly string[] } = {}) {
    this.#evicts = evicts;
    this.#names = nodes;
    this.#sleepers = sleepers;
    this.#log = this.#newLog();
  }

  digest(digest: Partial<CacheDigest> = {}): BumpsPart {
    const { part } = this.#log.digest(
      { wire: 1, collector: "c", reporters: 1, haveSeq: 0, bumps: [], heat: [], ...digest },
      this.now,
    );
    this.#keep();
    return part;
  }

  bump(id: string, ...buckets: number[]): BumpsPart {
    return this.digest({ bumps: [{ id, buckets }] });
  }

  purge(order: PurgeOrder): number {
    const seq = this.#log.purge(order, this.now);
    this.#keep();
    return seq;
  }

  /** Whom it is time to ask, and for what; with that a look begins. */
  ask() {
    return this.#log.look(this.now);
  }

  /** A look, however soon after the last one: all nodes are asked, and these answer. */
  look(...answers: readonly ProbeSample[]): BumpsPart {
    const startedAt = this.now;
    this.#log.looked(answers, startedAt, this.now);
    this.#keep();
    return this.part;
  }

  /** The answers to questions that left before now. */
  looked(startedAt: number, answers: readonly ProbeSample[]): void {
    this.#log.looked(answers, startedAt, this.now);
    this.#keep();
  }

  get part(): BumpsPart {
    return this.#log.part(this.now);
  }

  get foreign() {
    return this.#log.foreign;
  }

  get cover(): string[] {
    return this.part.cover.map((process) => process.join("/"));
  }

  get live(): string[] {
    return this.part.live.map(({ id }) => id);
  }

  alarmInMs(): number | undefined {
    const at = this.#log.alarmAt(this.now);
    return at === undefined ? undefined : at - this.now;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  evict(): void {
    this.#log = this.#newLog();
  }

  #newLog(): BumpLog {
    const nodes = this.#names.map((name) => ({ name, maySleep: this.#sleepers.includes(name) }));
    return new BumpLog(this.rows, this.now, nodes);
  }

  #keep(): void {
    for (const [key, row] of this.#log.toRows()) {
      if (this.rows.get(key) !== row) this.writes++;
      this.rows.set(key, row);
    }
    if (this.#evicts) this.evict();
  }
}

/** What a primary says; `held`: the marks it holds of those that it was asked for. */
export function primary(node: string, position: number, held: readonly string[] = [], said: Partial<ProbeSample> = {}) {
  const sample: ProbeSample = {
    node,
    inRecovery: false,
    epoch: "1",
    position: String(position),
    generation: "g",
    tookMs: 2,
    ageMs: 0,
    held: [...held],
    ...said,
  };
  return sample;
}

export function replica(node: string, position: number, held: readonly string[] = [], said: Partial<ProbeSample> = {}) {
  return primary(node, position, held, { inRecovery: true, ...said });
}
