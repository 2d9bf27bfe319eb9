import { HARD_HORIZON_MS } from "../breaker/constants.ts";
import { KnownBumps } from "../cache/knownBumps.ts";
import { Ledger } from "../exchange/ledger.ts";
import { View } from "../exchange/view.ts";
import { LOST_LATELY_MS } from "../replicas/constants.ts";
import { HedgeWorth } from "../replicas/hedgeWorth.ts";
import { NodeLatencies, type ReadEnd } from "../replicas/nodeLatencies.ts";
import { QueryTimes } from "../replicas/queryTimes.ts";
import { isOutForGood } from "../replicas/replicaEntry.ts";
import { compareEpochs, type Topology, UNKNOWN_TOPOLOGY } from "../replicas/topology.ts";
import { ageOf } from "../rpc/held.ts";
import type { Standing } from "../rpc/report.ts";
import { Instruments } from "../telemetry/instruments.ts";
import { logLine } from "../telemetry/logLine.ts";
import type { Candidate } from "./candidates.ts";
import type { FailureClass } from "./classify.ts";
import {
  MAP_ASK_LATE_MS,
  MAP_ASK_MS,
  MAP_ASK_PER_REPORTER_MS,
  MAP_ASKED_LATELY_MS,
  TOPOLOGY_MAX_AGE_MS,
} from "./constants.ts";
import type { RouteReason } from "./database.ts";
import { Laggards } from "./laggards.ts";
import { NodeBreakers } from "./nodeBreakers.ts";
import { NO_EVIDENCE, type NodeEvidence, type Observation, observe, withOthers } from "./nodeEvidence.ts";
import { NodeGates } from "./nodeGates.ts";
import { Silence } from "./silence.ts";
import { Statistics } from "./statistics.ts";
import type { Transport } from "./transport.ts";

/** What a node is called, and how a request reaches it. `maySleep`: no check of ours may keep it awake. */
export interface NodeAccess {
  readonly name: string;
  readonly maySleep: boolean;
  /** A transport for one request. */
  readonly open: () => Transport;
}

/** What the isolate shares with the exchange and the telemetry. */
export interface World {
  readonly view: View;
  readonly ledger: Ledger;
  readonly instruments: Instruments;
}

/**
 * What one isolate holds about the database between requests: plain data only, since I/O may not cross requests.
 * Made once by `createIsolate`.
 */
export class DatabaseState {
  readonly nodes: readonly NodeAccess[];
  readonly statistics = new Statistics();
  readonly silence = new Silence();
  readonly laggards = new Laggards();
  /** What the world decided, and what happened here. */
  readonly view: View;
  readonly ledger: Ledger;
  readonly instruments: Instruments;
  /** What was written lately, here and elsewhere. */
  readonly bumps: KnownBumps;
  readonly breakers: NodeBreakers;
  /** What each attempt of a request passes. */
  readonly gates: NodeGates;
  /** How fast the nodes answer reads. */
  readonly latencies: NodeLatencies;
  /** How long each query takes, and whether a second question helps where it is late. */
  readonly queryTimes = new QueryTimes();
  readonly hedgeWorth = new HedgeWorth();
  topology: Topology = UNKNOWN_TOPOLOGY;
  /** There are objects that decide who succeeds a primary: no isolate does so by itself. */
  followsWorld = false;
  /** One exchange with them now, for at most so long; undefined: there are none. Never rejects. */
  askWorld: ((ms: number, waitUntil: (work: Promise<unknown>) => void) => Promise<unknown>) | undefined;
  /** When a refresh of roles began that is still under way: a time that expires, never a promise. */
  refreshingSince: number | undefined;
  #lacksProofs = false;
  #hasSaidSo = false;
  /** What answers that are shared prove is not installed: none is current. */
  lacksFills = false;
  /** When the world's map was last asked for by who could not write, how long it is not asked again, and since when it is. */
  #mapAsked = { at: Number.NEGATIVE_INFINITY, forMs: 0, since: Number.NEGATIVE_INFINITY };
  readonly #reads = new Map<string, number>();
  readonly #evidence = new Map<string, NodeEvidence>();

  constructor(nodes: readonly NodeAccess[], world: Partial<World> = {}) {
    this.nodes = nodes;
    const { view = new View(), ledger = new Ledger(), instruments = new Instruments() } = world;
    this.view = view;
    this.bumps = new KnownBumps(view);
    this.ledger = ledger;
    this.instruments = instruments;
    const names = nodes.map(({ name }) => name);
    this.breakers = new NodeBreakers(names, view, ledger);
    this.latencies = new NodeLatencies(names);
    this.gates = new NodeGates(names, this.breakers, view, (reason) => instruments.wouldRefuse(reason));
  }

  evidence(node: string): NodeEvidence {
    return this.#evidence.get(node) ?? NO_EVIDENCE;
  }

  /** What this isolate and the others saw of it. */
  joinedEvidence(node: string, now: number): NodeEvidence {
    const held = this.view.breaker;
    const seen = held?.part.health.find((each) => each.node === node);
    if (!held || !seen) return this.evidence(node);
    const at = (ageMs: number | null) => (ageMs === null ? undefined : now - ageMs - ageOf(held, now));
    return withOthers(this.evidence(node), {
      successAt: at(seen.successAgeMs),
      failureAt: at(seen.failureAgeMs),
      queryAt: at(seen.queryAgeMs),
    });
  }

  /** The schema that proofs need is missing: sessions read from the primary. */
  get lacksProofs(): boolean {
    return this.#lacksProofs;
  }

  /** A node said that the schema is missing. Said once in an isolate's life, believed until the primary is seen with it. */
  withoutProofs(): void {
    this.#lacksProofs = true;
    if (this.#hasSaidSo) return;
    this.#hasSaidSo = true;
    logLine("error", {
      message: 'The schema "breakwater" is missing: sessions read from the primary. Run `npm run cli -- install`.',
    });
  }

  /** A node said that it cannot prove what an answer holds. Said and believed for an isolate's life. */
  withoutFills(): void {
    if (this.lacksFills) return;
    this.lacksFills = true;
    logLine("error", {
      message: "breakwater.fill_proof is missing: no cached answer is current. Run `npm run cli -- install`.",
    });
  }

  /** The primary has the schema: who lacks it is a replica that did not hear of the installation yet. */
  withProofs(): void {
    this.#lacksProofs = false;
  }

  /** Reads this isolate had answered by the node, since it began. */
  readsOf(node: string): number {
    return this.#reads.get(node) ?? 0;
  }

  /** A read was answered. */
  hasRead(node: string, reason: RouteReason): void {
    this.#reads.set(node, this.readsOf(node) + 1);
    this.instruments.read(node, reason);
  }

  /**
   * Somebody needs the primary, and there is none here or it does not answer: behind the response the world is asked to
   * look who is, and this isolate hears of it. No request waits for that. `random` in [0, 1).
   */
  askForMap(now: number, random: number): void {
    const { at, forMs, since: before } = this.#mapAsked;
    if (Math.abs(now - at) < forMs) return;
    const since = Math.abs(now - at) > MAP_ASKED_LATELY_MS ? now : before;
    const leastMs = now - since > LOST_LATELY_MS ? MAP_ASK_LATE_MS : MAP_ASK_MS;
    const apartMs = (this.view.breaker?.part.reporters ?? 1) * MAP_ASK_PER_REPORTER_MS;
    this.#mapAsked = { at: now, since, forMs: Math.max(leastMs, apartMs * (1 + random / 2)) };
    this.ledger.roleChanged(now);
  }

  /** What a report says of the nodes. */
  standing(now: number): Standing[] {
    const age = (at: number | undefined) => (at === undefined ? null : Math.max(0, now - at));
    return this.breakers.standing((node) => {
      const { lastSuccessAt, lastFailureAt, lastQueryAt } = this.evidence(node);
      return { successAgeMs: age(lastSuccessAt), failureAgeMs: age(lastFailureAt), queryAgeMs: age(lastQueryAt) };
    });
  }

  /** `random` in [0, 1): how long a node stays open that this opens. */
  observe(node: string, observation: Observation, random = 0.5): void {
    this.#evidence.set(node, observe(this.evidence(node), observation));
    this.breakers.record({ node, ...observation }, observation.now, random);
    const { failure, kind, now, sentAt = now, query } = observation;
    if (kind === "read") this.#timed(node, endOf(failure), { query, sentAt }, now);
    else if (kind === "check" && failure === undefined) this.latencies.recovered(node);
  }

  /**
   * The world's map of the nodes, where that is a later one than this isolate's own. Not where its primary is unknown
   * here (two versions side by side): nobody could ask it. Nor where it knows of no epoch as new as one that was met
   * here: its primary is an old one, and what is written there is lost.
   */
  heardMap(now: number): void {
    const held = this.view.replicas;
    if (!held || held.part.trouble === "none-answered" || held.part.sampleAgeMs === null) return;
    const { primary, databaseEpoch, newestEpoch, trouble, nodes, sampleAgeMs } = held.part;
    const askedAt = now - ageOf(held, now) - sampleAgeMs;
    const isLater = compareEpochs(databaseEpoch, this.topology.newestEpoch) > 0;
    const own = this.topology.askedAt;
    // One from far ahead was before the clock was set back: nobody knows when.
    const isOwnLater = own !== undefined && own >= askedAt && own - now < TOPOLOGY_MAX_AGE_MS;
    if (!isLater && isOwnLater) return;
    if (primary !== null && !this.nodes.some(({ name }) => name === primary)) return;
    if (compareEpochs(newestEpoch, this.topology.newestEpoch) < 0) return;
    if (databaseEpoch !== null) this.withProofs();
    this.topology = {
      roles: new Map(nodes.map(({ node, role }) => [node, role])),
      primary: primary ?? undefined,
      epoch: databaseEpoch ?? undefined,
      newestEpoch,
      holder:
        primary !== null && databaseEpoch !== null ? { node: primary, epoch: databaseEpoch } : this.topology.holder,
      askedAt,
      trouble: trouble ?? undefined,
    };
  }

  /** The nodes as a choice sees them. Before anybody was asked, the first one configured is taken for the primary. */
  candidates(now: number): Candidate[] {
    const held = this.view.replicas;
    const isCurrent = held !== undefined && ageOf(held, now) <= HARD_HORIZON_MS;
    // That one lags is over by itself; that it is drained or of another line is not, however old the news is.
    const told = held?.part.nodes.filter((entry) => (isCurrent ? entry.isOut : isOutForGood(entry))) ?? [];
    const out = new Set(told.map(({ node }) => node));
    const { askedAt, roles } = this.topology;
    // An old primary that comes back, say: not read from before it is known what it is.
    const isUnknown = (name: string) => askedAt !== undefined && (roles.get(name) ?? "unknown") === "unknown";
    const guess = askedAt === undefined ? this.nodes[0]?.name : undefined;
    return this.nodes.map(({ name }) => ({
      name,
      role: roles.get(name) ?? (name === guess && this.nodes.length > 1 ? "primary" : "unknown"),
      evidence: this.evidence(name),
      silentMs: this.silence.ofMs(name, now),
      isOut: out.has(name) || isUnknown(name),
      score: this.score(name, now),
    }));
  }

  #timed(
    node: string,
    end: Exclude<ReadEnd, "lost"> | undefined,
    { query, sentAt }: { query: string | undefined; sentAt: number },
    now: number,
  ): void {
    if (end === undefined) return;
    const ms = now - sentAt;
    const ofNodeMs = query === undefined ? ms : this.queryTimes.excessMs(query, ms);
    // Who leaves early says nothing of the node.
    const wasLate = query !== undefined && ms >= (this.queryTimes.lateAfterMs(query) ?? Number.POSITIVE_INFINITY);
    this.latencies.record(node, end === "given-up" && wasLate ? "lost" : end, { ms: ofNodeMs, sentAt }, now);
    if (query === undefined) return;
    if (end === "given-up") this.queryTimes.outlasted(query, ms);
    else if (end === "answered") this.queryTimes.record(query, ms);
  }

  /** How dear one more read on the node is. */
  score(node: string, now: number): number {
    return this.latencies.score(node, this.gates.inFlight(node, now), now);
  }
}

/** Who says no for a reason that is not its own says nothing of how fast it answers: a read cut short is no quick one. */
function endOf(failure: FailureClass | undefined): Exclude<ReadEnd, "lost"> | undefined {
  switch (failure) {
    case undefined:
      return "answered";
    case "conflict":
    case "role":
    case "caller":
      return undefined;
    case "abort":
      return "given-up";
    case "infrastructure":
    case "slow":
    case "configuration":
      return "failed";
    default:
      return failure satisfies never;
  }
}
