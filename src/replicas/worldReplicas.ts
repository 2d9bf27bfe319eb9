import * as z from "zod/mini";
import type { ReplicasAnswer, ReplicasDigest } from "../rpc/digest.ts";
import type { ReplicasPart } from "../rpc/parts.ts";
import type { Sample } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import {
  BOUNDED_ASKED_MS,
  CALM_SAMPLE_EVERY_MS,
  LAGGING_MS,
  MAX_POSITIONS,
  REST_AFTER_MS,
  SAMPLE_EVERY_MS,
  SILENT_MS,
} from "./constants.ts";
import { lagBoundMs, type PrimaryPosition } from "./lagBound.ts";
import { type RoleReport, type Topology, topologyFrom, UNKNOWN_TOPOLOGY } from "./topology.ts";

const role = z.enum(["primary", "replica", "rival", "unknown"]);
const rowSchema = z.object({
  incarnation: z.number(),
  version: z.number(),
  roles: z.array(z.tuple([z.string(), role])),
  primary: z.nullable(z.string()),
  epoch: z.nullable(z.string()),
  newestEpoch: z.nullable(z.string()),
  trouble: z.nullable(z.enum(["none-answered", "two-primaries", "not-installed"])),
  lastDigestAt: z.number(),
});
type Row = z.infer<typeof rowSchema>;

interface Known extends Sample {
  /** When the node said it, by the coordinator's clock. */
  readonly at: number;
}

/** A node that is configured. */
export interface ReplicaNode {
  readonly name: string;
  readonly maySleep: boolean;
}

/**
 * The world's map of the database: who is primary, of which epoch, how far the others are behind. Deterministic, with
 * rows in and out, as `WorldBreaker`. Positions are not kept: after an eviction a lag is unknown until it is sampled.
 */
export class WorldReplicas {
  readonly #nodes: readonly ReplicaNode[];
  readonly #samples = new Map<string, Known>();
  #positions: PrimaryPosition[] = [];
  #topology: Topology = UNKNOWN_TOPOLOGY;
  #incarnation: number;
  #version = 0;
  #lastDigestAt = 0;
  #sampledAt = 0;
  #boundedAt = Number.NEGATIVE_INFINITY;
  /** Somebody met another role than the map says. */
  #contradicted = false;
  #unhealthy = new Set<string>();
  #awake = new Set<string>();

  constructor(nodes: readonly ReplicaNode[], rows: ReadonlyMap<string, string>, now: number) {
    this.#nodes = nodes;
    const row = rowSchema.safeParse(JSON.parse(rows.get("map") ?? "null"));
    this.#incarnation = row.success ? row.data.incarnation : now;
    if (row.success) this.#restore(row.data);
  }

  toRows(): Map<string, string> {
    const { roles, primary, epoch, newestEpoch, trouble } = this.#topology;
    const row: Row = {
      incarnation: this.#incarnation,
      version: this.#version,
      roles: [...roles],
      primary: primary ?? null,
      epoch: epoch ?? null,
      newestEpoch,
      trouble: trouble ?? null,
      lastDigestAt: Math.floor(this.#lastDigestAt / 60_000) * 60_000,
    };
    return new Map([["map", JSON.stringify(row)]]);
  }

  /** One Collector's digest. Samples in it are taken; whether to look oneself, `dueSamples` tells afterwards. */
  digest({ samples, sample, verdicts, bounded, awake, have }: ReplicasDigest, now: number): void {
    this.#lastDigestAt = now;
    if (have && compareStamps(have, this.#stamp()) > 0) {
      this.#incarnation = Math.max(now, have.incarnation + 1);
    }
    if (bounded) this.#boundedAt = now;
    this.#awake = new Set(awake);
    this.#unhealthy = new Set(verdicts.filter(({ state }) => state !== "closed").map(({ node }) => node));
    // Reads and checks of isolates tell positions; of roles they only tell that it is time to look.
    for (const each of samples) {
      if (!this.#isKnown(each.node)) continue;
      this.#keep(each, now);
      if (this.#topology.roles.get(each.node) !== (each.inRecovery ? "replica" : "primary")) this.#contradicted = true;
    }
    this.#contradicted ||= sample;
  }

  /** The round of questions that `dueSamples` named is over: the map is drawn from those who answered. */
  sampled(samples: readonly Sample[], now: number): void {
    const known = samples.filter(({ node }) => this.#isKnown(node));
    for (const sample of known) this.#keep(sample, now);
    this.#sampledAt = now;
    this.#contradicted = false;
    const reports = known.map(({ node, inRecovery, epoch }): RoleReport => ({ node, inRecovery, epoch }));
    this.#draw(topologyFrom(reports, this.#topology, now));
    if (this.#topology.primary !== undefined) this.#notePosition(this.#topology.primary);
  }

  /** Nobody brought an answer: nothing is known, but it was tried, and the next try waits its second. */
  unanswered(now: number): void {
    this.#sampledAt = now;
  }

  /** The nodes to look at now; empty: not yet. Those that sleep only where no other is the primary. */
  dueSamples(now: number): string[] {
    const isUrgent = this.#contradicted || this.#isBusy(now);
    if (now - this.#sampledAt < (isUrgent ? SAMPLE_EVERY_MS : CALM_SAMPLE_EVERY_MS)) return [];
    const isLost = this.#topology.askedAt !== undefined && this.#topology.primary === undefined;
    const mayAsk = ({ name, maySleep }: ReplicaNode) => !maySleep || isLost || this.#awake.has(name);
    return this.#nodes.filter(mayAsk).map(({ name }) => name);
  }

  /** Whether whoever brought the last digest should wait for the samples: it met another role, or there is no map. */
  get isUrgent(): boolean {
    return this.#contradicted || this.#topology.askedAt === undefined;
  }

  /** When to look without a digest, or undefined: each second while a node is not well, or bounds are asked for. */
  alarmAt(now: number): number | undefined {
    if (now - this.#lastDigestAt > REST_AFTER_MS || !this.#isBusy(now)) return undefined;
    return Math.max(now, this.#sampledAt + SAMPLE_EVERY_MS);
  }

  answer(now: number): ReplicasAnswer {
    return { part: this.part(now) };
  }

  part(now: number): ReplicasPart {
    const { roles, primary, epoch, newestEpoch, trouble, askedAt } = this.#topology;
    const nodes = this.#nodes.map(({ name }) => {
      const sample = this.#samples.get(name);
      const role = roles.get(name) ?? "unknown";
      const lagMs = this.#lagMs(name, role, now);
      return {
        node: name,
        role,
        lagBoundMs: lagMs,
        position: sample?.position ?? null,
        latencyMs: sample?.tookMs ?? null,
        generation: sample?.generation ?? null,
        reasons: this.#reasons(name, role, lagMs, now),
      };
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

  #stamp(): Stamp {
    return { incarnation: this.#incarnation, epoch: Number(this.#topology.newestEpoch ?? 0), version: this.#version };
  }

  #keep(sample: Sample, now: number): void {
    const at = now - sample.ageMs;
    const known = this.#samples.get(sample.node);
    if (known && known.at > at) return;
    this.#samples.set(sample.node, { ...sample, at });
    this.#notePosition(sample.node);
  }

  /** The primary's position was true when the question left, at the latest: bounds count from before the round trip. */
  #notePosition(node: string): void {
    const sample = this.#samples.get(node);
    if (!sample || sample.inRecovery || sample.position === null || this.#topology.primary !== node) return;
    this.#addPosition(sample.at - sample.tookMs, BigInt(sample.position));
  }

  #addPosition(at: number, position: bigint): void {
    const newest = this.#positions.at(-1);
    if (newest && newest.at >= at) return;
    this.#positions = [...this.#positions, { at, position }].slice(-MAX_POSITIONS);
  }

  #lagMs(name: string, role: string, now: number): number | null {
    const sample = this.#samples.get(name);
    if (role === "primary") return 0;
    if (role !== "replica" || sample?.position == null) return null;
    return lagBoundMs(this.#positions, BigInt(sample.position), now);
  }

  #reasons(name: string, role: string, lagMs: number | null, now: number): string[] {
    const sample = this.#samples.get(name);
    return [
      ...(this.#unhealthy.has(name) ? ["breaker not closed"] : []),
      ...(role === "rival" ? ["claims to be primary of an older or equal epoch"] : []),
      ...(lagMs !== null && lagMs > LAGGING_MS ? [`up to ${Math.round(lagMs / 1_000)} s behind`] : []),
      ...(sample === undefined ? ["not seen yet"] : now - sample.at > SILENT_MS ? ["silent"] : []),
    ];
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
    if (next.primary !== this.#topology.primary) this.#positions = []; // another log
    this.#topology = next;
  }

  #isKnown(node: string): boolean {
    return this.#nodes.some(({ name }) => name === node);
  }

  /** A node is not well, none is the primary, or bounds are asked for: seconds count. */
  #isBusy(now: number): boolean {
    const isLost = this.#topology.trouble === "none-answered" || this.#topology.trouble === "two-primaries";
    return this.#unhealthy.size > 0 || isLost || now - this.#boundedAt < BOUNDED_ASKED_MS;
  }

  #restore({ version, roles, primary, epoch, newestEpoch, trouble, lastDigestAt }: Row): void {
    this.#version = version;
    this.#lastDigestAt = lastDigestAt;
    this.#topology = {
      roles: new Map(roles),
      primary: primary ?? undefined,
      epoch: epoch ?? undefined,
      newestEpoch,
      askedAt: undefined,
      trouble: trouble ?? undefined,
    };
  }
}
