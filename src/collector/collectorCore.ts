import { CHECK_EVERY_MS, RECHECK_EVERY_MS } from "../breaker/constants.ts";
import type { Called } from "../rpc/callObject.ts";
import { WIRE } from "../rpc/constants.ts";
import { ageOf } from "../rpc/held.ts";
import { readReport } from "../rpc/readMessage.ts";
import type { Reply } from "../rpc/reply.ts";
import type { Refusal, Report } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import type { TakenBulk } from "./bulkTotals.ts";
import {
  ANSWERED_FOR_MS,
  INCIDENT_REFRESH_MS,
  REFRESH_AFTER_MS,
  REFRESH_BEFORE_MS,
  REPORTER_KEPT_MS,
} from "./constants.ts";
import { Gathered, hasEvidence } from "./gathered.ts";
import { LeaseTray } from "./leaseTray.ts";
import { olderBy } from "./olderBy.ts";
import { type OwnerName, Owners } from "./owners.ts";
import { nextInMs, shardsFor } from "./pace.ts";
import { partsFor } from "./partsFor.ts";
import { Reporters } from "./reporters.ts";
import { withoutAnswered } from "./withoutAnswered.ts";

export type { OwnerName };

/** What a Collector needs of the world around it. */
export interface CollectorPorts {
  readonly name: string;
  readonly now: () => number;
  readonly random: () => number;
  /** Sends a digest to an owner and brings its answer, within a time of its own. Never rejects. */
  readonly ask: (owner: OwnerName, digest: string) => Promise<Called<string>>;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Takes a bulk report, sooner to storage where its reporter waits to leave; tells up to where bulk is durable, and up to where it is known. */
  readonly takeBulk: (reporter: string, bulk: string | undefined, isLeaving: boolean) => TakenBulk;
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
  readonly #tray = new LeaseTray();
  readonly #owners: Owners;
  #checksAskedAt = Number.NEGATIVE_INFINITY;
  #chars = 0;
  #exchanges = 0;
  /** The last number of shards told; and since when all reporters that there are have come here, and been counted. */
  #shards = 1;
  #countingSince: number;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
    this.#countingSince = ports.now();
    const { name, now, ask } = ports;
    const reporters = () => this.#reporters.count;
    const life = ports.random().toString(36).slice(2, 14);
    this.#owners = new Owners({ name, life, reporters, now, ask, gathered: this.#gathered, tray: this.#tray });
  }

  /** One exchange. Never rejects: a report that cannot be used is refused in the answer. */
  async exchange(text: string, heldMs: number, bulk?: string): Promise<string> {
    const { now } = this.#ports;
    this.#exchanges++;
    this.#chars += sizeOf(text) + sizeOf(bulk);
    const read = readReport(text, heldMs, now());
    if ("refused" in read) return this.#refuse(read.refused);
    const report = aged(read.report, heldMs);
    this.#reporters.seen(report, now());
    const isRepeat = this.#reporters.isRepeat(report);
    if (isRepeat) this.#ports.refused("repeated");
    const isTaken = isRepeat || (await this.#take(report));
    if (isTaken) this.#reporters.took(report);
    // Who is to go to another shard goes when its bulk is written down here.
    const isLeaving = report.shards !== this.#shards;
    const { ack, seen, heat, misses } = this.#ports.takeBulk(report.id, bulk, isLeaving);
    if (heat) this.#gathered.addHeat(heat); // for the next digest: it makes none by itself
    if (misses) this.#gathered.addMisses(misses);
    const answer = this.#compose(report, isTaken, isRepeat);
    this.#refreshAfterwards();
    return JSON.stringify({ ...answer, bulkAck: ack, bulkSeen: seen });
  }

  /** For `/admin/collector`. */
  stats() {
    const now = this.#ports.now();
    const lane = ({ held, digests, failed }: Owners[OwnerName]) => ({
      ageMs: held ? ageOf(held, now) : null,
      digests,
      failed,
    });
    const { breaker, replicas, cache } = this.#owners;
    return {
      name: this.#ports.name,
      reporters: this.#reporters.count,
      requestsPerSecond: this.#reporters.requestsPerSecond,
      exchanges: this.#exchanges,
      meanReportBytes: this.#exchanges === 0 ? 0 : Math.round(this.#chars / this.#exchanges),
      owners: { breaker: lane(breaker), replicas: lane(replicas), cache: lane(cache) },
    };
  }

  /** Gathers a report, and waits for the owners that must know of it; false: it has to come again. */
  async #take(whole: Report): Promise<boolean> {
    const now = this.#ports.now();
    const { breaker, replicas, cache } = this.#owners;
    const isKnown = breaker.held && breaker.ageMs(now) <= ANSWERED_FOR_MS;
    const report = breaker.held && isKnown ? withoutAnswered(whole, breaker.held.part, breaker.ageMs(now)) : whole;
    if (!this.#gathered.take(report, now, this.#reporters.isCounted(report))) {
      this.#ports.waitUntil(Promise.all([breaker.flush(), cache.flush()]));
      return false;
    }
    this.#reporters.counted(report);
    // What must be durable somewhere before this is answered, and what is merely too old to hand on.
    const must: Promise<boolean>[] = [];
    const may: Promise<boolean>[] = [];
    if (hasEvidence(report)) must.push(this.#owners.awaitBreaker());
    else if (this.#mayAskForChecks(report, now) || this.#owners.mayAskForProbe(now))
      may.push(this.#owners.awaitBreaker());
    else if (breaker.ageMs(now) > REFRESH_BEFORE_MS || isBehind(breaker.held?.part, report.have.breaker))
      may.push(breaker.flush());
    if (report.asks.sample) must.push(replicas.flush());
    else if (replicas.ageMs(now) > REFRESH_BEFORE_MS || isBehind(replicas.held?.part, report.have.replicas))
      may.push(replicas.flush());
    if (report.bumps.length > 0) must.push(cache.flush());
    else if (cache.ageMs(now) > REFRESH_BEFORE_MS || isBehind(cache.held?.part, report.have.bumps))
      may.push(cache.flush());
    const [told] = await Promise.all([Promise.all(must), Promise.all(may)]);
    return told.every(Boolean);
  }

  /** The world grants a check of a node each 10 s, each 2 s where it fails: asking more often would bring nothing. */
  #mayAskForChecks({ asks: { checks } }: Report, now: number): boolean {
    if (checks.length === 0) return false;
    const everyMs = this.#owners.isAnyFailing(checks) ? RECHECK_EVERY_MS : CHECK_EVERY_MS;
    if (Math.abs(now - this.#checksAskedAt) < everyMs) return false;
    this.#checksAskedAt = now;
    return true;
  }

  #compose(report: Report, isTaken: boolean, isRepeat: boolean): Reply {
    const now = this.#ports.now();
    const leases = this.#tray.take(now, report.colo);
    const { breaker, replicas, cache } = this.#owners;
    const held = { breaker: breaker.held, replicas: replicas.held, bumps: cache.held };
    return {
      wire: WIRE,
      ack: isTaken ? Math.max(report.seq, this.#reporters.lastSeq(report.id)) : Math.max(0, report.seq - 1),
      parts: partsFor(report.have, held, now),
      nextInMs: Math.round(this.#nextInMs(this.#ports.random())),
      shards: this.#shardsFor(report, now),
      ...(isRepeat ? { refused: "repeated" } : {}),
      ...(leases.length > 0 ? { leases } : {}),
    };
  }

  /** A refused report is taken as said: it would be refused again. Its sender's other lanes go on. */
  #refuse(why: Refusal): string {
    this.#ports.refused(why);
    const pace = Math.round(this.#nextInMs(this.#ports.random()));
    const reply: Reply = { wire: WIRE, ack: 0, refused: why, parts: {}, nextInMs: pace, shards: this.#shards };
    return JSON.stringify(reply);
  }

  #nextInMs(random: number): number {
    const { count, requestsPerSecond } = this.#reporters;
    return nextInMs({ reporters: count, requestsPerSecond, incident: this.#owners.isIncident }, random);
  }

  /** More shards as soon as they are needed; fewer only when those who report here were counted for a while. */
  #shardsFor({ id, shards }: Report, now: number): number {
    const wanted = shardsFor(this.#reporters.everywhere, shards);
    const mayShrink = now - this.#countingSince > REPORTER_KEPT_MS;
    this.#shards = wanted < shards && !mayShrink ? shards : wanted;
    if (this.#shards > shards) this.#countingSince = now;
    if (this.#shards !== shards) this.#reporters.sentElsewhere(id);
    return this.#shards;
  }

  /**
   * Where reporters come often, owners whose word gets old are asked behind the answer, so that the next one finds it
   * young; no more often than each reporter comes, which is what the calls are counted with. Where they come seldom,
   * owners are asked before the answer instead: one round of calls each, not two.
   */
  #refreshAfterwards(): void {
    const now = this.#ports.now();
    const paceMs = this.#nextInMs(0);
    const gapMs = paceMs / Math.max(1, this.#reporters.count);
    if (gapMs > REFRESH_AFTER_MS) return;
    const afterMs = this.#owners.isIncident ? INCIDENT_REFRESH_MS : Math.max(REFRESH_AFTER_MS, paceMs);
    for (const lane of [this.#owners.breaker, this.#owners.replicas, this.#owners.cache]) {
      if (lane.ageMs(now) > afterMs && !lane.isRunning) this.#ports.waitUntil(lane.flush());
    }
  }
}

/** What comes over the wire is what its sender made it. */
function sizeOf(text: unknown): number {
  return typeof text === "string" ? text.length : 0;
}

/** The reporter heard a later word than this Collector did. */
function isBehind(mine: Stamp | undefined, theirs: Stamp | undefined): boolean {
  return mine !== undefined && theirs !== undefined && compareStamps(theirs, mine) > 0;
}

/** Ages as of now: a report that was held back tells of things that are older by that. */
function aged(report: Report, heldMs: number): Report {
  const samples = report.samples.map((sample) => ({ ...sample, ageMs: sample.ageMs + heldMs }));
  return { ...report, standing: olderBy(report.standing, heldMs), samples };
}
