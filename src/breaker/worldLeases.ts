import type { BreakerDigest, GrantedLease } from "../rpc/digest.ts";
import type { Lease } from "../rpc/reply.ts";
import type { Settlement } from "../rpc/report.ts";
import { CHECK_EVERY_MS, CHECK_LEASE_MS, LEASE_MS, MAX_LEASES, RECHECK_EVERY_MS } from "./constants.ts";
import type { HeldLease } from "./nodeRow.ts";
import { evidentOf } from "./phase.ts";
import type { WorldNode } from "./worldNode.ts";

type Wish = Pick<BreakerDigest, "checks" | "wantsLeases" | "collector">;

/** Grants leases: in the world a few probes of a half-open node at a time, and one check of a closed one in ten seconds. */
export class WorldLeases {
  readonly #newId: () => string;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** What a Collector may hand on. */
  grant(nodes: ReadonlyMap<string, WorldNode>, { checks, wantsLeases, collector }: Wish, now: number): GrantedLease[] {
    const leases: GrantedLease[] = [];
    for (const node of nodes.values()) {
      if (leases.length >= wantsLeases) break;
      const besides = suspectOf(node, now);
      leases.push(...this.probe(node, collector, now).map((lease) => ({ ...lease, ...besides })));
    }
    for (const name of checks) {
      const node = nodes.get(name);
      if (!node || leases.length >= wantsLeases || !isCheckDue(node, now)) continue;
      node.checkGrantedAt = now;
      leases.push(this.#lease(node, { kind: "check", holder: collector, now }));
    }
    return leases;
  }

  /** A probe that a half-open node waits for; empty where it does not, or as many as may be are under way. */
  probe(node: WorldNode, holder: string, now: number): Lease[] {
    if (evidentOf(node.phase)?.state !== "half-open") return [];
    return placeFreeAt(node, now) <= now ? [this.#lease(node, { kind: "probe", holder, now })] : [];
  }

  #lease(node: WorldNode, { kind, holder, now }: { kind: Lease["kind"]; holder: string; now: number }): Lease {
    const expiresInMs = kind === "probe" ? LEASE_MS : CHECK_LEASE_MS;
    const lease: Lease = { id: this.#newId(), kind, node: node.name, epoch: node.phase.epoch, expiresInMs };
    node.leases = [...node.liveLeases(now), { ...lease, expiresAt: now + expiresInMs, holder }];
    return lease;
  }
}

/** When one more probe of the node may live, at the latest. */
export function placeFreeAt(node: WorldNode, now: number): number {
  const ends = node.liveLeases(now).flatMap(({ kind, expiresAt }) => (kind === "probe" ? expiresAt : []));
  return ends.length < MAX_LEASES ? now : Math.min(...ends);
}

/**
 * The colo whose probe failed last may have lost its own way: where others asked the node too, one of theirs is to look
 * before it looks again, else one bad colo would hold a node open for all that is well.
 */
function suspectOf(node: WorldNode, now: number): Pick<GrantedLease, "besides"> {
  return node.failedColo !== "" && node.quorum(now).colos > 1 ? { besides: node.failedColo } : {};
}

/**
 * Whether a failed probe leaves the node half-open: as it takes two colos to open a node where two ask, so it does to keep
 * it open. Without this the bad colo's turn would come in some phase, and hold the node open for another wait.
 */
export function wantsSecondOpinion(node: WorldNode, colo: string, now: number): boolean {
  if (colo === "" || node.quorum(now).colos === 1) return false;
  return node.failedEpoch !== node.phase.epoch || node.failedColo === colo;
}

/**
 * Takes back the lease that a settlement is of; undefined where it expired, is of another epoch, or never was. One of a
 * phase that is over proves nothing, but makes room: until then its holder may be asking, and counts.
 */
export function takeLease(node: WorldNode, { lease, epoch }: Settlement, now: number): HeldLease | undefined {
  const held = node.liveLeases(now).find((each) => each.id === lease && each.epoch === epoch);
  node.leases = node.leases.filter((each) => each !== held);
  return epoch === node.phase.epoch ? held : undefined;
}

/**
 * A node that fails is checked by one reporter after another, however many failures are told meanwhile: a quorum of them
 * must see for themselves before the world believes it.
 */
function isCheckDue(node: WorldNode, now: number): boolean {
  const { successAt, failureAt, checkGrantedAt, phase } = node;
  const state = evidentOf(phase)?.state ?? phase.state;
  if (state !== "closed" && state !== "forced-closed") return false; // its own probes tell, or nobody is to ask it
  const hasFailed = (failureAt ?? 0) > (successAt ?? 0);
  if (hasFailed) return Math.abs(now - checkGrantedAt) >= RECHECK_EVERY_MS;
  return Math.abs(now - Math.max(successAt ?? 0, checkGrantedAt)) >= CHECK_EVERY_MS;
}
