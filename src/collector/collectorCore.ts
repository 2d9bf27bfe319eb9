import type { Called } from "../rpc/callObject.ts";
import { MAX_DIGEST_CHARS, WIRE } from "../rpc/constants.ts";
import { breakerAnswerSchema, cacheAnswerSchema, replicasAnswerSchema } from "../rpc/digest.ts";
import { ageOf, handOn } from "../rpc/held.ts";
import type { BreakerPart, BumpsPart, Have, Parts, ReplicasPart } from "../rpc/parts.ts";
import { readMessage, readReport } from "../rpc/readMessage.ts";
import type { Lease, Reply } from "../rpc/reply.ts";
import type { Refusal, Report } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { AWAKE_MS, INCIDENT_REFRESH_MS, LEASES_WANTED, REFRESH_AFTER_MS, REFRESH_BEFORE_MS } from "./constants.ts";
import { Gathered, hasEvidence } from "./gathered.ts";
import { OwnerLane } from "./ownerLane.ts";
import { nextInMs, shardsFor } from "./pace.ts";
import { Reporters } from "./reporters.ts";

export type OwnerName = "breaker" | "replicas" | "cache";

/** What a Collector needs of the world around it. */
export interface CollectorPorts {
  readonly name: string;
  readonly now: () => number;
  readonly random: () => number;
  /** Sends a digest to an owner and brings its answer. Never rejects. */
  readonly ask: (owner: OwnerName, digest: string) => Promise<Called<string>>;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Takes a bulk report; tells up to where bulk is durable, and up to where it is known. */
  readonly takeBulk: (reporter: string, bulk: string | undefined) => { ack: number; seen: number };
  /** A report was not taken. */
  readonly refused: (why: Refusal) => void;
}

/**
 * A Collector: composes and thins, and decides nothing. What would change a decision reaches its owner before the
 * exchange is answered; only calm counts wait here, in memory, where they may be lost.
 */
export class CollectorCore {
  readonly #ports: CollectorPorts;
  readonly #reporters = new Reporters();
  readonly #gathered = new Gathered();
  readonly #breaker: OwnerLane<BreakerPart>;
  readonly #replicas: OwnerLane<ReplicasPart>;
  readonly #cache: OwnerLane<BumpsPart>;
  /** Leases that came and wait for a reporter to take them along. */
  #leases: { lease: Lease; at: number }[] = [];
  /** Exchanges that wait for the breaker: only then leases are asked for. */
  #waiting = 0;
  #chars = 0;
  #exchanges = 0;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
    const { now } = ports;
    this.#breaker = new OwnerLane({ now, send: () => this.#tellBreaker() });
    this.#replicas = new OwnerLane({ now, send: () => this.#tellReplicas() });
    this.#cache = new OwnerLane({ now, send: () => this.#tellCache() });
  }

  /** One exchange. Never rejects: a report that cannot be used is refused in the answer. */
  async exchange(text: string, heldMs: number, bulk?: string): Promise<string> {
    const { now } = this.#ports;
    this.#exchanges++;
    this.#chars += text.length + (bulk?.length ?? 0);
    const read = readReport(text, heldMs, now());
    if ("refused" in read) return this.#refuse(read.refused);
    const report = aged(read.report, heldMs);
    const isRepeat = this.#reporters.isRepeat(report.id, report.seq);
    if (isRepeat) this.#ports.refused("repeated");
    const isTaken = isRepeat || (await this.#take(report));
    if (isTaken && !isRepeat) this.#reporters.took(report, now());
    const { ack, seen } = this.#ports.takeBulk(report.id, bulk);
    const answer = this.#compose(report, isTaken, isRepeat);
    this.#refreshAfterwards();
    return JSON.stringify({ ...answer, bulkAck: ack, bulkSeen: seen });
  }

  /** For `/admin/collector`. */
  stats() {
    const now = this.#ports.now();
    const lane = (each: OwnerLane<BreakerPart> | OwnerLane<ReplicasPart> | OwnerLane<BumpsPart>) => ({
      ageMs: each.held ? ageOf(each.held, now) : null,
      digests: each.digests,
      failed: each.failed,
    });
    return {
      name: this.#ports.name,
      reporters: this.#reporters.count,
      requestsPerSecond: this.#reporters.requestsPerSecond,
      exchanges: this.#exchanges,
      meanReportBytes: this.#exchanges === 0 ? 0 : Math.round(this.#chars / this.#exchanges),
      owners: { breaker: lane(this.#breaker), replicas: lane(this.#replicas), cache: lane(this.#cache) },
    };
  }

  /** Gathers a report, and waits for the owners that must know of it; false: it has to come again. */
  async #take(report: Report): Promise<boolean> {
    if (!this.#gathered.take(report)) {
      this.#ports.waitUntil(Promise.all([this.#breaker.flush(), this.#cache.flush()]));
      return false;
    }
    const now = this.#ports.now();
    // What must be durable somewhere before this is answered, and what is merely too old to hand on.
    const must: Promise<boolean>[] = [];
    const may: Promise<boolean>[] = [];
    if (hasEvidence(report)) must.push(this.#awaitBreaker());
    else if (report.asks.checks.length > 0 || this.#isProbeDue(now)) may.push(this.#awaitBreaker());
    else if (this.#breaker.ageMs(now) > REFRESH_BEFORE_MS || isBehind(this.#breaker.held?.part, report.have.breaker))
      may.push(this.#breaker.flush());
    if (report.asks.sample) must.push(this.#replicas.flush());
    else if (this.#replicas.ageMs(now) > REFRESH_BEFORE_MS || isBehind(this.#replicas.held?.part, report.have.replicas))
      may.push(this.#replicas.flush());
    if (report.bumps.length > 0) must.push(this.#cache.flush());
    else if (this.#cache.ageMs(now) > REFRESH_BEFORE_MS) may.push(this.#cache.flush());
    const [told] = await Promise.all([Promise.all(must), Promise.all(may)]);
    return told.every(Boolean);
  }

  async #awaitBreaker(): Promise<boolean> {
    this.#waiting++;
    try {
      return await this.#breaker.flush();
    } finally {
      this.#waiting--;
    }
  }

  #compose(report: Report, isTaken: boolean, isRepeat: boolean): Reply {
    const now = this.#ports.now();
    const leases = this.#takeLeases(now);
    const shards = shardsFor(this.#reporters.count, report.shards);
    return {
      wire: WIRE,
      ack: isTaken ? Math.max(report.seq, this.#reporters.lastSeq(report.id)) : Math.max(0, report.seq - 1),
      parts: this.#partsFor(report.have, now),
      nextInMs: this.#nextInMs(),
      shards,
      ...(isRepeat ? { refused: "repeated" } : {}),
      ...(leases.length > 0 ? { leases } : {}),
    };
  }

  /** A refused report is taken as said: it would be refused again. Its sender's other lanes go on. */
  #refuse(why: Refusal): string {
    this.#ports.refused(why);
    const reply: Reply = { wire: WIRE, ack: 0, refused: why, parts: {}, nextInMs: this.#nextInMs(), shards: 1 };
    return JSON.stringify(reply);
  }

  /** Parts that are not older than what the reporter has. Bumps: only what came after its own. */
  #partsFor(have: Have, now: number): Parts {
    const parts: Parts = {};
    const { held: breaker } = this.#breaker;
    const { held: replicas } = this.#replicas;
    const { held: bumps } = this.#cache;
    if (breaker && isNotOlder(breaker.part, have.breaker)) parts.breaker = handOn(breaker, now);
    if (replicas && isNotOlder(replicas.part, have.replicas)) parts.replicas = handOn(replicas, now);
    if (bumps && isNotOlder(bumps.part, have.bumps)) {
      const since = have.bumps?.incarnation === bumps.part.incarnation ? have.bumps.seq : 0;
      const buckets = bumps.part.buckets.filter(([, seq]) => seq > since);
      parts.bumps = { ...handOn(bumps, now), since, buckets };
    }
    return parts;
  }

  #nextInMs(): number {
    const { count, requestsPerSecond } = this.#reporters;
    const incident = this.#isIncident();
    const pace = nextInMs({ reporters: count, requestsPerSecond, incident }, this.#ports.random());
    return Math.round(pace);
  }

  #isIncident(): boolean {
    const breaker = this.#breaker.held?.part;
    const isOpen = breaker?.nodes.some(({ state }) => state !== "closed" && state !== "forced-closed") ?? false;
    const trouble = this.#replicas.held?.part?.trouble;
    return isOpen || trouble === "none-answered" || trouble === "two-primaries";
  }

  /** Some node's wait is over: whoever comes may take the lease. */
  #isProbeDue(now: number): boolean {
    const { held } = this.#breaker;
    if (!held) return false;
    const ageMs = ageOf(held, now);
    return held.part.nodes.some(
      ({ state, forMs }) => state === "half-open" || state === "ramping" || (state === "open" && forMs <= ageMs),
    );
  }

  #takeLeases(now: number): Lease[] {
    const taken = this.#leases
      .map(({ lease, at }) => ({ ...lease, expiresInMs: lease.expiresInMs - (now - at) }))
      .filter(({ expiresInMs }) => expiresInMs > 0);
    this.#leases = [];
    return taken;
  }

  /**
   * Where reporters come often, owners whose word gets old are asked behind the answer, so that the next one finds it
   * young. Where they come seldom, they are asked before the answer instead: one round of calls each, not two.
   */
  #refreshAfterwards(): void {
    const now = this.#ports.now();
    const gapMs = this.#nextInMs() / Math.max(1, this.#reporters.count);
    if (gapMs > REFRESH_AFTER_MS) return;
    const afterMs = this.#isIncident() ? INCIDENT_REFRESH_MS : REFRESH_AFTER_MS;
    for (const lane of [this.#breaker, this.#replicas, this.#cache]) {
      if (lane.ageMs(now) > afterMs && !lane.isRunning) this.#ports.waitUntil(lane.flush());
    }
  }

  #envelope() {
    return { wire: WIRE, collector: this.#ports.name, reporters: this.#reporters.count };
  }

  async #tellBreaker(): Promise<Called<BreakerPart>> {
    const { now, ask } = this.#ports;
    const digest = {
      ...this.#envelope(),
      ...this.#gathered.haveOf("breaker"),
      ...this.#gathered.takeBreaker(),
      wantsLeases: this.#waiting > 0 ? LEASES_WANTED : 0,
    };
    const called = understood(await ask("breaker", JSON.stringify(digest)), breakerAnswerSchema);
    if (called.kind === "failed") return called;
    this.#leases.push(...called.value.leases.map((lease) => ({ lease, at: now() - called.tookMs })));
    return { ...called, value: called.value.part };
  }

  async #tellReplicas(): Promise<Called<ReplicasPart>> {
    const breaker = this.#breaker.held;
    const now = this.#ports.now();
    const digest = {
      ...this.#envelope(),
      ...this.#gathered.haveOf("replicas"),
      ...this.#gathered.takeReplicas(),
      verdicts: breaker?.part.nodes.map(({ node, state }) => ({ node, state })) ?? [],
      awake:
        breaker?.part.health
          .filter(({ queryAgeMs }) => queryAgeMs !== null && queryAgeMs + ageOf(breaker, now) < AWAKE_MS)
          .map(({ node }) => node) ?? [],
    };
    const called = understood(await this.#ports.ask("replicas", JSON.stringify(digest)), replicasAnswerSchema);
    return called.kind === "failed" ? called : { ...called, value: called.value.part };
  }

  async #tellCache(): Promise<Called<BumpsPart>> {
    const held = this.#cache.held?.part;
    const digest = {
      ...this.#envelope(),
      ...this.#gathered.haveOf("bumps"),
      ...this.#gathered.takeCache(),
      haveSeq: held?.seq ?? 0,
    };
    const called = understood(await this.#ports.ask("cache", JSON.stringify(digest)), cacheAnswerSchema);
    if (called.kind === "failed") return called;
    return { ...called, value: withOlderBuckets(called.value.part, held) };
  }
}

/** The owner told only what came after what we hold: joined, it is everything again. */
function withOlderBuckets(part: BumpsPart, held: BumpsPart | undefined): BumpsPart {
  if (!held || held.incarnation !== part.incarnation || part.since === 0) return part;
  const buckets = new Map([...held.buckets, ...part.buckets]);
  return { ...part, since: 0, buckets: [...buckets] };
}

function understood<S extends Parameters<typeof readMessage>[0]>(called: Called<string>, schema: S) {
  if (called.kind === "failed") return called;
  const value = readMessage(schema, called.value, MAX_DIGEST_CHARS);
  if (value !== undefined) return { ...called, value };
  return { kind: "failed", trouble: "failed", message: "not understood", tookMs: called.tookMs } as const;
}

function isNotOlder(part: Stamp, have: Stamp | undefined): boolean {
  return have === undefined || compareStamps(part, have) >= 0;
}

/** The reporter heard a later word than this Collector did. */
function isBehind(mine: Stamp | undefined, theirs: Stamp | undefined): boolean {
  return mine !== undefined && theirs !== undefined && compareStamps(theirs, mine) > 0;
}

/** Ages as of now: a report that was held back tells of things that are older by that. */
function aged(report: Report, heldMs: number): Report {
  if (heldMs === 0) return report;
  const add = (ms: number | null) => (ms === null ? null : ms + heldMs);
  return {
    ...report,
    standing: report.standing.map((word) => ({
      ...word,
      successAgeMs: add(word.successAgeMs),
      failureAgeMs: add(word.failureAgeMs),
      queryAgeMs: add(word.queryAgeMs),
    })),
    samples: report.samples.map((sample) => ({ ...sample, ageMs: sample.ageMs + heldMs })),
  };
}
