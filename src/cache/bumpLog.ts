import { CLOCK_SKEW_MS } from "../rpc/constants.ts";
import type { CacheAnswer, CacheDigest } from "../rpc/digest.ts";
import type { BumpsPart } from "../rpc/parts.ts";
import type { ProbeSample } from "../rpc/probing.ts";
import { readMessage } from "../rpc/readMessage.ts";
import type { PurgeOrder } from "../rpc/refreshLease.ts";
import type { Bump } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { bumpRowSchema } from "./bumps/bumpRow.ts";
import { Cover, type Round } from "./bumps/cover.ts";
import { LiveBumps } from "./bumps/liveBumps.ts";
import { type CacheNode, Looks } from "./bumps/looks.ts";
import { OutboxSample } from "./bumps/outboxSample.ts";
import { BUMP_KNOWN_MS, BUMP_LIVE_MS, BUMP_RECENT_MS, MAX_KNOWN_BUMPS } from "./constants.ts";

const BIGINT = /^\d+$/;

/** `marks`: which of these each node holds; `outbox`: what was written on the primary since this snapshot. */
interface Question {
  readonly nodes: readonly string[];
  readonly marks: readonly string[];
  readonly outbox: string | null;
}

/**
 * Which tags were written to, in the order in which the world shall see it: each bump gets a number, larger than all
 * before it, and the buckets of its tags carry the newest. Of those that not everybody who counts holds yet, it is told
 * which they are, and who counts. Deterministic, with rows in and out, as `WorldBreaker`.
 */
export class BumpLog {
  readonly #looks: Looks;
  #incarnation: number;
  #seq: number;
  readonly #buckets: Map<number, number>;
  readonly #purged: Map<number, number>;
  readonly #live: LiveBumps;
  readonly #cover: Cover;
  readonly #outbox: OutboxSample;
  /** Numbers by id: a repeat gets the same one. In order of number. */
  readonly #known: Map<string, number>;

  /** `nodes`: those that hold marks; none: nobody can be asked, and nothing is ever proven. */
  constructor(rows: ReadonlyMap<string, string>, now: number, nodes: readonly CacheNode[] = []) {
    this.#looks = new Looks(nodes);
    const row =
      readMessage(bumpRowSchema, rows.get("bumps"), Number.POSITIVE_INFINITY) ??
      bumpRowSchema.parse({ incarnation: now, seq: 0 });
    this.#incarnation = row.incarnation;
    this.#seq = row.seq;
    this.#buckets = new Map(row.buckets);
    this.#purged = new Map(row.purged);
    this.#live = new LiveBumps(row.live, row.flood);
    const names = nodes.map(({ name }) => name);
    this.#cover = new Cover(row.cover, names, now);
    this.#outbox = new OutboxSample(row.outbox);
    this.#known = new Map(row.known);
  }

  toRows(): Map<string, string> {
    const row = {
      incarnation: this.#incarnation,
      seq: this.#seq,
      buckets: [...this.#buckets],
      live: this.#live.bumps,
      known: [...this.#known],
      purged: [...this.#purged],
      flood: this.#live.flood,
      cover: this.#cover.row,
      outbox: this.#outbox.row,
    };
    return new Map([["bumps", JSON.stringify(row)]]);
  }

  digest(digest: CacheDigest, now: number): CacheAnswer {
    const { bumps, have, haveSeq } = digest;
    if (have && compareStamps(have, this.#stamp()) > 0) this.#beginAnew(have, now);
    this.#goBeyond(Math.max(haveSeq, have?.version ?? 0), now);
    this.#looks.digested(digest, now);
    for (const bump of bumps) this.#bump(bump, now);
    this.#live.makeRoom(this.#cover);
    this.#expire(now);
    return { part: this.part(now, haveSeq) };
  }

  /** An operator's word on these buckets: what was loaded before is old; or, for good, is shown to nobody again. */
  purge({ kind, buckets }: PurgeOrder, now: number): number {
    this.#seq = Math.max(this.#seq + 1, now);
    for (const bucket of buckets) this.#buckets.set(bucket, this.#seq);
    if (kind === "hard") for (const bucket of buckets) this.#purged.set(bucket, this.#seq);
    return this.#seq;
  }

  /** Whom to ask now, for which marks, and since when for others; with that a look begins. Undefined: not yet. */
  look(now: number): Question | undefined {
    const nodes = this.#looks.begin(this.#open, now);
    const marks = this.#live.bumps.map(({ id }) => id);
    return nodes.length === 0 ? undefined : { nodes, marks, outbox: this.#outbox.since(this.#cover.epoch, now) };
  }

  /** What the nodes said who were asked at `startedAt`. None at all: the Prober's silence, which says nothing of them. */
  looked(answers: readonly ProbeSample[], startedAt: number, now: number): void {
    const samples = answers.filter(isUsable);
    if (samples.length === 0) return;
    const round: Round = { samples, startedAt, eligible: this.#looks.eligible(now) };
    const { primary, isNewEpoch } = this.#cover.primaryIn(round);
    if (primary && isNewEpoch) this.#live.newEpoch(primary);
    this.#cover.dismiss(round, primary);
    this.#cover.admit(round, primary);
    this.#live.heard(round, primary, this.#cover);
    if (!primary) return;
    for (const mark of this.#outbox.heard(primary, (id) => this.#known.has(id), now)) this.#bump(mark, now);
    this.#live.makeRoom(this.#cover);
  }

  /** Marks that nobody told of, since there are rows; and how often they were too many to be read. */
  get foreign(): { readonly found: number; readonly skipped: number } {
    const { found = 0, skipped = 0 } = this.#outbox.row ?? {};
    return { found, skipped };
  }

  /** When to look though nobody comes; undefined: not at all. */
  alarmAt(now: number): number | undefined {
    return this.#looks.alarmAt(this.#open, now);
  }

  /** What came after `since`. */
  part(now: number, since = 0): BumpsPart {
    const isOther = since > this.#seq;
    const isNew = ([, seq]: readonly [unknown, number]) => isOther || seq > since;
    return {
      ...this.#stamp(),
      ageMs: 0,
      seq: this.#seq,
      since: isOther ? 0 : since,
      buckets: [...this.#buckets].filter(isNew),
      live: this.#live.told,
      cover: this.#cover.processes,
      databaseEpoch: this.#cover.epoch,
      recent: [...this.#known].filter(([, seq]) => seq > now - BUMP_RECENT_MS).filter(isNew),
      purged: [...this.#purged],
    };
  }

  get #open() {
    return { live: this.#live.bumps, flood: this.#live.flood, cover: this.#cover };
  }

  #stamp(): Stamp {
    return { incarnation: this.#incarnation, epoch: 0, version: this.#seq };
  }

  /** It was restored, and what it told since is lost: writes of then may still be on their way, for as long as they have time. */
  #beginAnew(have: Stamp, now: number): void {
    this.#incarnation = Math.max(now, have.incarnation + 1);
    this.#cover.reset(now + BUMP_LIVE_MS);
    this.#outbox.reset();
  }

  /** Numbers that this log gave before it lost its memory: none that is new may be smaller. */
  #goBeyond(seq: number, now: number): void {
    if (seq <= now + CLOCK_SKEW_MS) this.#seq = Math.max(this.#seq, seq);
  }

  /** Numbers are times where time allows, so that they go on growing in a log that lost its memory. */
  #bump(bump: Bump, now: number): void {
    if (this.#known.has(bump.id)) return;
    this.#seq = Math.max(this.#seq + 1, now);
    this.#known.set(bump.id, this.#seq);
    for (const bucket of bump.buckets) this.#buckets.set(bucket, this.#seq);
    this.#live.add(bump, this.#seq, now);
  }

  #expire(now: number): void {
    if (this.#looks.isBlind) this.#live.expire(now);
    for (const [id, seq] of this.#known) {
      const isOld = seq < now - BUMP_KNOWN_MS || this.#known.size > MAX_KNOWN_BUMPS;
      if (!isOld) return;
      this.#known.delete(id);
    }
  }
}

/** Its numbers are numbers. */
function isUsable({ epoch, position }: ProbeSample): boolean {
  return [epoch, position].every((number) => number === null || BIGINT.test(number));
}
