import type { FillFacts } from "../../../../../src/cache/fillFacts.ts";
import type { FillQuestion } from "../../../../../src/cache/fillProof.ts";
import type { BumpsPart } from "../../../../../src/rpc/parts.ts";

/** A write as the database has it: who reads at a node sees it once that node has come so far. */
export interface Write {
  readonly id: string;
  readonly bucket: number;
  readonly at: number;
  /** The bucket's thing is removed by it, or comes back. */
  readonly makes: "gone" | "there" | undefined;
}

export interface Node {
  readonly name: string;
  lagMs: number;
  /** Commits up to here are in it; it never goes back. */
  shownUntil: number;
}

export const EPOCH = "1";
const PROCESS = "p1";
const RECENT_MS = 60_000;

/**
 * A primary, two replicas that are behind, and the owner of bumps, told as a reference in as few words as possible: not the
 * product's log, but what anybody may conclude from one.
 */
export class BumpWorld {
  readonly #now: () => number;
  readonly writes: Write[] = [];
  readonly nodes: readonly [Node, Node, Node];
  #isDown = false;
  #incarnation: number;
  #seq: number;
  #told = new Map<string, { readonly seq: number; readonly at: number; readonly bucket: number }>();
  #latest = new Map<number, number>();
  #purged = new Map<number, number>();
  /** What was told in earlier lives of the owner: a node must hold it before it is in the cover. */
  #mustHold: string[] = [];

  constructor(now: () => number) {
    this.#now = now;
    const node = (name: string, lagMs: number): Node => ({ name, lagMs, shownUntil: now() });
    this.nodes = [node("a", 0), node("b", 300), node("c", 4_000)];
    this.#incarnation = now() - 1;
    this.#seq = 0;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** All nodes off, or on. */
  turn(isDown: boolean): void {
    this.#isDown = isDown;
  }

  lag(replica: 1 | 2, lagMs: number): void {
    this.nodes[replica].lagMs = lagMs;
  }

  write(bucket: number, makes: Write["makes"]): Write {
    const write = { id: `w${this.writes.length}`, bucket, at: this.#now(), makes };
    this.writes.push(write);
    return write;
  }

  /** What a read at this node, now, shows of these buckets. */
  shown(node: Node, buckets: readonly number[]): readonly string[] {
    node.shownUntil = Math.max(node.shownUntil, this.#now() - node.lagMs);
    return this.writes
      .filter(({ at, bucket }) => at <= node.shownUntil && buckets.includes(bucket))
      .map(({ id }) => id);
  }

  /** The removal of the bucket's thing, where a read at this node, now, finds it gone. */
  removal(node: Node, bucket: number): string | undefined {
    const shown = this.shown(node, [bucket]);
    const last = this.writes.findLast(({ id, makes }) => makes !== undefined && shown.includes(id));
    return last?.makes === "gone" ? last.id : undefined;
  }

  holds(node: Node, id: string): boolean {
    node.shownUntil = Math.max(node.shownUntil, this.#now() - node.lagMs);
    return this.writes.some((write) => write.id === id && write.at <= node.shownUntil);
  }

  facts(node: Node, { bumps }: FillQuestion): FillFacts {
    const held = bumps.flatMap((id, index) => (this.holds(node, id) ? [index] : []));
    return { held, process: PROCESS, epoch: EPOCH, isPrimary: node.lagMs === 0 };
  }

  /** A writer's report, or a sample that found a mark. A repeat changes nothing. */
  tell({ id, bucket }: Write): void {
    if (this.#told.has(id)) return;
    this.#seq = Math.max(this.#seq + 1, this.#now());
    this.#told.set(id, { seq: this.#seq, at: this.#now(), bucket });
    this.#latest.set(bucket, this.#seq);
  }

  purge(bucket: number): void {
    this.#seq = Math.max(this.#seq + 1, this.#now());
    this.#purged.set(bucket, this.#seq);
    this.#latest.set(bucket, this.#seq);
  }

  /** The owner lost its memory. Purges are kept where they cannot be lost. */
  reincarnate(): void {
    this.#incarnation = Math.max(this.#incarnation + 1, this.#now());
    this.#mustHold = this.writes.map(({ id }) => id);
    this.#told = new Map();
    this.#latest = new Map(this.#purged);
  }

  /** What the owner says now, and the writes that it speaks of. */
  word(): { readonly part: BumpsPart; readonly told: readonly string[] } {
    const now = this.#now();
    const cover = this.nodes.filter((node) => this.#mustHold.every((id) => this.holds(node, id)));
    const live = [...this.#told].filter(([id]) => !cover.every((node) => this.holds(node, id)));
    const recent = [...this.#told].filter(([, { at }]) => now - at < RECENT_MS);
    const part: BumpsPart = {
      incarnation: this.#incarnation,
      epoch: 0,
      version: this.#seq,
      ageMs: 0,
      seq: this.#seq,
      since: 0,
      buckets: [...this.#latest],
      live: live.map(([id, { seq, bucket }]) => ({ id, seq, buckets: [bucket] })),
      cover: cover.map(({ name }) => [name, PROCESS]),
      databaseEpoch: EPOCH,
      recent: recent.map(([id, { seq }]) => [id, seq]),
      purged: [...this.#purged],
    };
    return { part, told: [...this.#mustHold, ...this.#told.keys()] };
  }
}
