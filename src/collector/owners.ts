import type { Called } from "../rpc/callObject.ts";
import { MAX_DIGEST_CHARS, WIRE } from "../rpc/constants.ts";
import {
  type BreakerDigest,
  breakerAnswerSchema,
  type CacheDigest,
  cacheAnswerSchema,
  type ReplicasDigest,
  replicasAnswerSchema,
} from "../rpc/digest.ts";
import { ageOf } from "../rpc/held.ts";
import { joinBumps } from "../rpc/joinBumps.ts";
import type { BreakerPart, BreakerStateName, BumpsPart, ReplicasPart } from "../rpc/parts.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { AWAKE_MS, LEASES_WANTED, PROBE_ASK_EVERY_MS } from "./constants.ts";
import type { Gathered } from "./gathered.ts";
import type { LeaseTray } from "./leaseTray.ts";
import { OwnerLane } from "./ownerLane.ts";

export type OwnerName = "breaker" | "replicas" | "cache";

/** What will be another state within seconds. An order stands for as long as it was given: its news may wait. */
const MOVING: readonly BreakerStateName[] = ["open", "half-open", "ramping"];

interface OwnersOptions {
  /** The Collector's name, and how many report to it now. */
  readonly name: string;
  /** Made anew whenever the Collector begins anew: its digests are counted from there. */
  readonly life: string;
  readonly reporters: () => number;
  readonly now: () => number;
  readonly ask: (owner: OwnerName, digest: string) => Promise<Called<string>>;
  readonly gathered: Gathered;
  readonly tray: LeaseTray;
}

/** The three owners, and how each is told what was gathered for it. */
export class Owners {
  readonly #options: OwnersOptions;
  readonly breaker: OwnerLane<BreakerPart>;
  readonly replicas: OwnerLane<ReplicasPart>;
  readonly cache: OwnerLane<BumpsPart>;
  /** Exchanges that wait for the breaker: only then leases are asked for. */
  #waiting = 0;
  #digests = 0;

  constructor(options: OwnersOptions) {
    this.#options = options;
    const { now } = options;
    this.breaker = new OwnerLane({ now, send: () => this.#tellBreaker() });
    this.replicas = new OwnerLane({ now, send: () => this.#tellReplicas() });
    this.cache = new OwnerLane({ now, send: () => this.#tellCache() });
  }

  /** Tells the breaker, for somebody who waits and takes leases along. */
  async awaitBreaker(): Promise<boolean> {
    this.#waiting++;
    try {
      return await this.breaker.flush();
    } finally {
      this.#waiting--;
    }
  }

  /** Something is not well: news count more than calls. */
  get isIncident(): boolean {
    const breaker = this.breaker.held?.part;
    const isMoving = breaker?.nodes.some(({ state }) => MOVING.includes(state)) ?? false;
    const trouble = this.replicas.held?.part.trouble;
    return isMoving || trouble === "none-answered" || trouble === "two-primaries";
  }

  /** Whether the last word on one of these nodes was a failure. */
  isAnyFailing(nodes: readonly string[]): boolean {
    const health = this.breaker.held?.part.health ?? [];
    return health.some(
      ({ node, successAgeMs, failureAgeMs }) =>
        nodes.includes(node) && failureAgeMs !== null && (successAgeMs === null || failureAgeMs < successAgeMs),
    );
  }

  /** Some node's wait is over: whoever comes may take a lease, unless the owner was asked for one just now. */
  mayAskForProbe(now: number): boolean {
    const { held } = this.breaker;
    if (!held) return false;
    const ageMs = ageOf(held, now);
    if (ageMs < PROBE_ASK_EVERY_MS) return false;
    return held.part.nodes.some(
      ({ state, would, forMs }) =>
        state === "half-open" || would === "half-open" || state === "ramping" || (state === "open" && forMs <= ageMs),
    );
  }

  #envelope() {
    return { wire: WIRE, collector: this.#options.name, reporters: this.#options.reporters() };
  }

  /** Nodes that the application asked lately. */
  #awake(now: number): string[] {
    const { held } = this.breaker;
    const isAwake = (queryAgeMs: number | null) =>
      held !== undefined && queryAgeMs !== null && queryAgeMs + ageOf(held, now) < AWAKE_MS;
    return held?.part.health.filter(({ queryAgeMs }) => isAwake(queryAgeMs)).map(({ node }) => node) ?? [];
  }

  async #tellBreaker(): Promise<Called<BreakerPart>> {
    const { life, now, ask, gathered, tray } = this.#options;
    const askedAt = now();
    const digest: BreakerDigest = {
      ...this.#envelope(),
      life,
      seq: ++this.#digests,
      ...gathered.haveOf("breaker"),
      ...gathered.takeBreaker(askedAt),
      wantsLeases: this.#waiting > 0 ? LEASES_WANTED : 0,
    };
    const called = understood(await ask("breaker", JSON.stringify(digest)), breakerAnswerSchema);
    if (called.kind === "failed") return called;
    tray.put(called.value.leases, Math.min(askedAt, now() - called.tookMs));
    return { ...called, value: called.value.part };
  }

  async #tellReplicas(): Promise<Called<ReplicasPart>> {
    const { now, ask, gathered } = this.#options;
    const askedAt = now();
    const digest: ReplicasDigest = {
      ...this.#envelope(),
      ...gathered.haveOf("replicas"),
      ...gathered.takeReplicas(askedAt),
      verdicts: this.breaker.held?.part.nodes.map(({ node, state }) => ({ node, state })) ?? [],
      awake: this.#awake(askedAt),
    };
    const called = understood(await ask("replicas", JSON.stringify(digest)), replicasAnswerSchema);
    return called.kind === "failed" ? called : { ...called, value: called.value.part };
  }

  async #tellCache(): Promise<Called<BumpsPart>> {
    const { now, ask, gathered } = this.#options;
    const held = this.cache.held?.part;
    const map = this.replicas.held?.part;
    const digest: CacheDigest = {
      ...this.#envelope(),
      ...gathered.haveOf("bumps"),
      ...gathered.takeCache(),
      haveSeq: held?.seq ?? 0,
      awake: this.#awake(now()),
      ...(map && { map: { epoch: map.databaseEpoch, nodes: map.nodes.map(mapped) } }),
    };
    const called = understood(await ask("cache", JSON.stringify(digest)), cacheAnswerSchema);
    if (called.kind === "failed") return called;
    // It told what came after what we hold. One that lost its memory tells less: what it forgot still has its place.
    return { ...called, value: held ? joinBumps(called.value.part, held) : called.value.part };
  }
}

function mapped({ node, generation, isOut = false }: ReplicasPart["nodes"][number]) {
  return { node, generation, isOut };
}

function understood<S extends Parameters<typeof readMessage>[0]>(called: Called<string>, schema: S) {
  if (called.kind === "failed") return called;
  const value = readMessage(schema, called.value, MAX_DIGEST_CHARS);
  if (value !== undefined) return { ...called, value };
  return { kind: "failed", trouble: "failed", message: "not understood", tookMs: called.tookMs } as const;
}
