import type { ReplicasAnswer, ReplicasDigest } from "../rpc/digest.ts";
import type { ReplicasPart } from "../rpc/parts.ts";
import { readMessage } from "../rpc/readMessage.ts";
import type { ReplicaOrder, ReplicaOutcome } from "../rpc/replicaOrder.ts";
import type { Sample } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { LOST_WATCH_MS, MAX_ORDERS, ORDER_SAMPLE_MS } from "./constants.ts";
import { withHolder } from "./epochChain.ts";
import { HolderWatch } from "./holderWatch.ts";
import type { Behind } from "./lagBound.ts";
import { Lineage, type PendingEpoch } from "./lineage.ts";
import { LookPlan, type ReplicaNode } from "./lookPlan.ts";
import { MINUTE_MS, minuteOf } from "./minuteOf.ts";
import { Positions } from "./positions.ts";
import { replicaEntry } from "./replicaEntry.ts";
import { type ReplicasRow, replicasRowSchema } from "./replicasRow.ts";
import { Rotation } from "./rotation.ts";
import {
  compareEpochs,
  type Role,
  type RoleReport,
  type Topology,
  topologyFrom,
  UNKNOWN_TOPOLOGY,
} from "./topology.ts";

/**
 * The world's map of the database: who is primary, of which epoch, how far the others are behind. Deterministic, with
 * rows in and out, as `WorldBreaker`. Of the primary's positions one a minute is
 * kept: on a quiet site the object is evicted between any two looks, and a laggard must be known for one all the same.
 */
export class WorldReplicas {
  readonly #nodes: readonly ReplicaNode[];
  readonly #positions = new Positions();
  readonly #lineage: Lineage;
  readonly #holder: HolderWatch;
  readonly #rotation: Rotation;
  /** When to look at whom. */
  readonly #looks: LookPlan;
  #orders: ReplicasRow["orders"];
  #epochs: ReplicasRow["epochs"];
  /** The minute of the last digest that the row tells: with the look that follows it, so that both make one row. */
  #toldDigestAt: number;
  #topology: Topology = UNKNOWN_TOPOLOGY;
  #incarnation: number;
  #version = 0;

  constructor(nodes: readonly ReplicaNode[], rows: ReadonlyMap<string, string>, now: number) {
    this.#nodes = nodes;
    const row = readMessage(replicasRowSchema, rows.get("map"), Number.POSITIVE_INFINITY);
    this.#incarnation = row?.incarnation ?? now;
    this.#lineage = new Lineage(
      row?.lineage,
      nodes.map(({ name }) => name),
    );
    this.#rotation = new Rotation(row?.drained ?? [], row?.behind ?? []);
    this.#orders = row?.orders ?? [];
    this.#epochs = row?.epochs ?? [];
    this.#holder = new HolderWatch(row?.stand ?? null);
    this.#toldDigestAt = row?.lastDigestAt ?? 0;
    this.#looks = new LookPlan(nodes, { lastDigestAt: row?.lastDigestAt ?? 0, unhealthy: row?.unhealthy ?? [] });
    if (row) this.#restore(row);
  }

  toRows(): Map<string, string> {
    const { roles, primary, epoch, newestEpoch, trouble } = this.#topology;
    const row: ReplicasRow = {
      incarnation: this.#incarnation,
      version: this.#version,
      roles: [...roles],
      primary: primary ?? null,
      epoch: epoch ?? null,
      newestEpoch,
      trouble: trouble ?? null,
      lastDigestAt: this.#toldDigestAt,
      unhealthy: this.#looks.unhealthy,
      lineage: this.#lineage.row,
      drained: [...this.#rotation.drained],
      behind: [...this.#rotation.behind],
      orders: this.#orders,
      stand: this.#holder.row,
      epochs: this.#epochs,
    };
    return new Map([["map", JSON.stringify(row)]]);
  }

  /** One Collector's digest. Samples in it are taken; whether to look oneself, `dueSamples` tells afterwards. */
  digest(digest: ReplicasDigest, now: number): void {
    const { samples, have } = digest;
    if (have && compareStamps(have, this.#stamp()) > 0) {
      this.#incarnation = Math.max(now, have.incarnation + 1);
    }
    for (const each of samples) if (this.#isUsable(each)) this.#hear(each, now);
    this.#seeLaggards(now);
    this.#looks.digested(digest, now);
    if (Math.abs(now - this.#toldDigestAt) >= 2 * MINUTE_MS) this.#toldDigestAt = minuteOf(now); // nobody looks
  }

  /**
   * The round of questions that `dueSamples` began is over: the map is drawn from those who answered. Who was not asked
   * has not been silent: the primary that sleeps stays the primary, unless somebody else says that it is.
   */
  sampled(samples: readonly Sample[], now: number): void {
    const usable = samples.filter((each) => this.#isUsable(each));
    const round = this.#looks.round ?? { asked: this.#nodes.map(({ name }) => name), startedAt: now };
    for (const sample of usable) this.#positions.keep(sample, now);
    this.#looks.looked(round, now);
    this.#toldDigestAt = minuteOf(this.#looks.lastDigestAt);
    const reports = usable.map(({ node, inRecovery, epoch }): RoleReport => ({ node, inRecovery, epoch }));
    const { primary, epoch = null } = this.#topology;
    const isSpared = primary !== undefined && !round.asked.includes(primary);
    const isHeld = isSpared && reports.every(({ inRecovery }) => inRecovery);
    const heard = isHeld ? [...reports, { node: primary, inRecovery: false, epoch }] : reports;
    const { row: before } = this.#lineage;
    this.#hearLine(usable, round.asked, heard);
    const isDoubtful = this.#hearHolder(usable, round.startedAt);
    this.#epochs = withHolder(this.#epochs, before, this.#lineage.row, now);
    const known = { ...this.#topology, holder: this.#lineage.holder ?? undefined };
    this.#draw(topologyFrom(heard, known, now, false));
    const isLost = this.#topology.trouble === "none-answered" && this.#lineage.holder !== null;
    this.#looks.found(isLost, now);
    if (this.#looks.round) this.#notePosition(usable, round.startedAt);
    this.#seeLaggards(now);
    this.#looks.doubted(isDoubtful || this.#isAnyDoubtful(usable, now));
  }

  /** An epoch that is decided on, and durable once the rows are: its node is to be told, and then looked at again. */
  get pendingEpoch(): PendingEpoch | null {
    return this.#lineage.pending;
  }

  /** Its node was told. `refused`: it is in recovery, or of another line than was thought. */
  toldEpoch(pending: PendingEpoch, outcome: "begun" | "refused" | "unknown", now: number): void {
    if (outcome === "refused") this.#lineage.refused(pending);
    this.#looks.contradicted(now); // whatever it said: the next round tells
  }

  /**
   * An operator's order. Of a new primary it only is decided: `pendingEpoch` is then to be told, and what became of it is
   * `primaryOutcome`. The node must have been looked at just now.
   */
  obey(order: ReplicaOrder, now: number): ReplicaOutcome {
    const { kind, node } = order;
    if (!this.#isKnown(node)) return this.#outcome("unknown-node");
    if (kind === "primary") {
      const { primary } = this.#topology;
      if (primary === node) {
        this.#lineage.stays();
        return this.#outcome("done");
      }
      const sample = this.#positions.sampleOf(node);
      const isSeen = sample !== undefined && now - sample.at < ORDER_SAMPLE_MS;
      const report = isSeen ? { ...sample, timeline: sample.timeline ?? null } : undefined;
      if (!this.#lineage.take(report)) return this.#outcome("takes-no-writes");
    } else {
      if (kind === "drain" && this.#topology.primary === node) return this.#outcome("is-primary");
      this.#rotation.drain(node, kind === "drain");
      this.#version++;
    }
    this.#orders = [...this.#orders, { at: now, order }].slice(-MAX_ORDERS);
    return this.#outcome(kind === "primary" ? "beginning" : "done");
  }

  /** What became of the order that made the node the primary. */
  primaryOutcome(node: string): ReplicaOutcome {
    return this.#outcome(this.#topology.primary === node ? "done" : "beginning");
  }

  /** Who holds the newest epoch, which one is about to begin, and who claimed the holder's. */
  get line() {
    const { holder, pending, rivals } = this.#lineage.row;
    return { holder, pending, rivals };
  }

  /** The epochs that were met, oldest first. */
  get epochs(): ReplicasRow["epochs"] {
    return this.#epochs;
  }

  /** What operators ordered, the latest last. */
  get orders(): ReplicasRow["orders"] {
    return this.#orders;
  }

  #outcome(kind: ReplicaOutcome["kind"]): ReplicaOutcome {
    const { primary, epoch } = this.#topology;
    return { kind, primary: primary ?? null, epoch: epoch ?? null };
  }

  /** Standbys first: what was over on one is of use once it is promoted. Someone who sleeps and was spared is silent. */
  #hearLine(samples: readonly Sample[], asked: readonly string[], reports: readonly RoleReport[]): void {
    for (const { node, inRecovery, xmin } of samples) if (inRecovery) this.#lineage.noteStandby(node, xmin ?? null);
    const timelines = new Map(samples.map(({ node, timeline }) => [node, timeline ?? null]));
    const told = reports.map((report) => ({ ...report, timeline: timelines.get(report.node) ?? null }));
    const newest = [this.#topology.newestEpoch, ...reports.map(({ epoch }) => epoch)];
    this.#lineage.hear(
      told,
      asked,
      newest.reduce((a, b) => (compareEpochs(a, b) >= 0 ? a : b), null),
    );
  }

  /** Where the holder's log is not what it was, what he goes on with is another epoch. True: one more look tells. */
  #hearHolder(samples: readonly Sample[], at: number): boolean {
    const { holder } = this.#lineage;
    if (!holder) return false;
    if (this.#isContested) this.#holder.forget();
    const others = this.#isContested ? [] : samples;
    const said = samples.find((each) => each.node === holder.node && !each.inRecovery && each.epoch === holder.epoch);
    if (!said) {
      for (const each of others) this.#holder.heard(each, holder.epoch);
      return false;
    }
    const { generation, position, timeline = null, mayLose = false } = said;
    const found = this.#holder.looked({ ...holder, generation, position, timeline, mayLose, at }, others);
    if (found === "gone back") this.#lineage.wentBack({ ...said, timeline });
    return found === "doubtful";
  }

  /** Nobody brought an answer: nothing is known, but it was tried, and the next try waits from now on. */
  unanswered(now: number): void {
    this.#looks.unanswered(now);
  }

  /** The nodes to look at now, with which a round begins; empty: not yet. Those that sleep only where none is primary. */
  dueSamples(now: number): string[] {
    const due = this.#looks.due(this.#trouble, now);
    if (due.length > 0) this.#holder.began();
    return due;
  }

  /** A round begins with these nodes, whether or not it is time. */
  beginRound(nodes: readonly string[], now: number): void {
    this.#looks.begin(nodes, now);
    this.#holder.began();
  }

  /** How long a look is to stay with the nodes until one of them takes writes; undefined: it just asks. */
  watchMs(now: number): number | undefined {
    return this.#looks.isLostLately(now) ? LOST_WATCH_MS : undefined;
  }

  /** Whether whoever brought the last digest should wait for the samples: it met another role, or the map is old. */
  get isUrgent(): boolean {
    return this.#looks.isContradicted || this.#topology.askedAt === undefined;
  }

  /**
   * When to look without a digest, or undefined: each second while a node is not well or bounds are asked for, and more
   * often for a while after the primary was lost.
   */
  alarmAt(now: number): number | undefined {
    return this.#looks.alarmAt(this.#trouble, now);
  }

  answer(now: number): ReplicasAnswer {
    return { part: this.part(now) };
  }

  part(now: number): ReplicasPart {
    const { roles, primary, epoch, newestEpoch, trouble, askedAt } = this.#topology;
    const { unhealthy } = this.#looks;
    const nodes = this.#nodes.map(({ name }) => {
      const sample = this.#positions.sampleOf(name);
      const role = roles.get(name) ?? "unknown";
      const lagMs = this.#lagMs(name, role, now);
      const behindMs = this.#behind(name, role, now)?.atLeastMs ?? null;
      const isUnhealthy = unhealthy.includes(name);
      const out = this.#rotation.reasonOut({ node: name, role, epoch: sample?.epoch ?? null, newestEpoch });
      return replicaEntry({ node: name, role, sample, lagMs, behindMs, isUnhealthy, out }, now);
    });
    const bounds = nodes.filter(({ role }) => role === "replica").flatMap(({ lagBoundMs }) => lagBoundMs ?? []);
    return {
      ...this.#stamp(),
      ageMs: 0,
      primary: primary ?? null,
      databaseEpoch: epoch ?? null,
      newestEpoch,
      trouble: trouble ?? null,
      sampleAgeMs: askedAt === undefined ? null : Math.max(0, now - askedAt),
      minProvableBoundMs: bounds.length === 0 ? null : Math.min(...bounds),
      nodes,
    };
  }

  /** An epoch is a bigint; no database was promoted that often. */
  #stamp(): Stamp {
    const epoch = Math.min(Number(this.#topology.newestEpoch ?? 0), Number.MAX_SAFE_INTEGER);
    return { incarnation: this.#incarnation, epoch, version: this.#version };
  }

  /**
   * A check of some isolate told it: how far the node is, at least. Of roles it only tells that it is time to look, and
   * of the primary's position nothing: how long it was on its way here nobody knows.
   */
  #hear(sample: Sample, now: number): void {
    this.#positions.keep(sample, now);
    const { holder } = this.#lineage;
    if (holder && !this.#isContested) this.#holder.heard(sample, holder.epoch);
    this.#looks.isAwake(sample.node, now);
    const role = this.#topology.roles.get(sample.node);
    const isAsMapped = sample.inRecovery ? role === "replica" : role === "primary" || role === "rival";
    const isNews = now - sample.ageMs >= (this.#topology.askedAt ?? 0);
    if (!isAsMapped && isNews) this.#looks.contradicted(now);
  }

  /** The question left after the round began: that is when the log was there, or not yet there. */
  #notePosition(samples: readonly Sample[], startedAt: number): void {
    const { primary, epoch } = this.#topology;
    if (primary === undefined) return;
    const position = samples.find(({ node }) => node === primary)?.position ?? null;
    this.#positions.primaryWas(primary, epoch ?? null, position, startedAt);
  }

  #lagMs(node: string, role: Role, now: number): number | null {
    if (role === "primary") return 0;
    return role === "replica" && !this.#isContested ? this.#positions.lagMs(node, now) : null;
  }

  #behind(node: string, role: Role, now: number): Behind | null {
    return role === "replica" && !this.#isContested ? this.#positions.behind(node, now) : null;
  }

  /** Before the rows are written: an instance that is gone with its answer must not leave a laggard in. */
  #seeLaggards(now: number): void {
    // Behind a primary that is silent all of them are, and nobody is nearer.
    if (this.#topology.primary === undefined) return;
    for (const [node, role] of this.#topology.roles) {
      this.#rotation.seen(node, this.#behind(node, role, now));
    }
  }

  /** Whether one more look would tell of some replica that it is back: who was silent would be silent again. */
  #isAnyDoubtful(samples: readonly Sample[], now: number): boolean {
    const { primary, roles } = this.#topology;
    if (!samples.some(({ node }) => node === primary)) return false;
    return samples.some(({ node }) => {
      return this.#rotation.isDoubtful(node, this.#behind(node, roles.get(node) ?? "unknown", now));
    });
  }

  #draw(next: Topology): void {
    const isSame =
      next.primary === this.#topology.primary &&
      next.epoch === this.#topology.epoch &&
      next.newestEpoch === this.#topology.newestEpoch &&
      next.trouble === this.#topology.trouble &&
      next.roles.size === this.#topology.roles.size &&
      [...next.roles].every(([node, role]) => this.#topology.roles.get(node) === role);
    if (!isSame) this.#version++;
    this.#topology = next;
  }

  /** Two lines go by one epoch's name: a position says nothing of which of them it is on. */
  get #isContested(): boolean {
    return this.#topology.trouble === "two-primaries" || this.#lineage.row.rivals.length > 0;
  }

  #isKnown(node: string): boolean {
    return this.#nodes.some(({ name }) => name === node);
  }

  /** Of a configured node, and its numbers are numbers: one that is not must not end up in the map. */
  #isUsable({ node, epoch, position }: Sample): boolean {
    return this.#isKnown(node) && [epoch, position].every((number) => number === null || /^\d{1,20}$/.test(number));
  }

  /** What makes it look more often. */
  get #trouble() {
    const { primary, trouble } = this.#topology;
    const isSearched = trouble === "none-answered" || this.#isContested || this.#lineage.pending !== null;
    return { hasPrimary: primary !== undefined, isSearched, behind: this.#rotation.behind };
  }

  #restore({ version, roles, primary, epoch, newestEpoch, trouble, stand }: ReplicasRow): void {
    this.#version = version;
    this.#topology = {
      roles: new Map(roles),
      primary: primary ?? undefined,
      epoch: epoch ?? undefined,
      newestEpoch,
      holder: this.#lineage.holder ?? undefined,
      askedAt: undefined,
      trouble: trouble ?? undefined,
    };
    if (stand?.node !== primary || stand.epoch !== epoch || stand.position === null) return;
    this.#positions.primaryWas(stand.node, stand.epoch, stand.position, stand.at);
  }
}
