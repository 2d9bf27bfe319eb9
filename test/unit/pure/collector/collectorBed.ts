import type { TakenBulk } from "../../../../src/collector/bulkTotals.ts";
import { CollectorCore, type OwnerName } from "../../../../src/collector/collectorCore.ts";
import type { Called } from "../../../../src/rpc/callObject.ts";
import type { BreakerPart, BumpsPart, ReplicasPart } from "../../../../src/rpc/parts.ts";
import { type Lease, type Reply, replySchema } from "../../../../src/rpc/reply.ts";
import type { Outcomes, Report, Standing } from "../../../../src/rpc/report.ts";

export const NOW = 1_700_000_000_000;
const STAMP = { incarnation: NOW, epoch: 1, version: 1, ageMs: 0 };

/** How an owner behaves. `hangs`: until it is released. */
type Behaviour = "well" | "fails" | "hangs" | "throws" | "babbles";

/** What a digest said; the fields of all three owners. */
// biome-ignore lint/suspicious/noExplicitAny: three shapes, read by tests that know which
type Digest = any;

interface Asked {
  readonly owner: OwnerName;
  readonly digest: Digest;
  readonly at: number;
}

/** A Collector with owners that do as they are told, on a clock that moves only when told. */
export class CollectorBed {
  now = NOW;
  readonly asked: Asked[] = [];
  readonly refused: string[] = [];
  readonly behaviour: Record<OwnerName, Behaviour> = { breaker: "well", replicas: "well", cache: "well" };
  tookMs = 0;
  breaker: BreakerPart = { ...STAMP, reporters: 1, nodes: [], health: [] };
  replicas: ReplicasPart = {
    ...STAMP,
    primary: "a",
    databaseEpoch: "1",
    newestEpoch: "1",
    trouble: null,
    sampleAgeMs: 0,
    minProvableBoundMs: null,
    nodes: [],
  };
  bumps: BumpsPart = { ...STAMP, epoch: 0, seq: 0, since: 0, buckets: [], live: [], cover: [] };
  /** Leases that the breaker grants to whoever wants some. */
  leases: Lease[] = [];
  bulk: TakenBulk = { ack: 0, seen: 0 };
  readonly bulkTaken: (readonly [string, string | undefined])[] = [];
  core: CollectorCore;
  readonly #behind: Promise<unknown>[] = [];
  #hanging: { owner: OwnerName; release: (called: Called<string>) => void }[] = [];

  constructor() {
    this.core = this.#newCore();
  }

  /** A new instance: what waited in memory is gone. */
  evict(): void {
    this.core = this.#newCore();
  }

  pass(ms: number): void {
    this.now += ms;
  }

  async exchange(report: Report | string, heldMs = 0, bulk?: string): Promise<Reply> {
    const text = typeof report === "string" ? report : JSON.stringify(report);
    const answer = await this.core.exchange(text, heldMs, bulk);
    await this.settled();
    return replySchema.parse(JSON.parse(answer));
  }

  /** All that goes on behind answers has ended, but for what hangs. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  release(owner: OwnerName, called?: Called<string>): void {
    const [first] = this.#hanging.filter((each) => each.owner === owner);
    this.#hanging = this.#hanging.filter((each) => each !== first);
    first?.release(called ?? { kind: "failed", trouble: "timeout", message: "no answer in 500 ms", tookMs: 500 });
  }

  digests(owner: OwnerName): Digest[] {
    return this.asked.filter((each) => each.owner === owner).map(({ digest }) => digest);
  }

  answer(owner: OwnerName, digest: Digest): string {
    switch (owner) {
      case "breaker":
        return JSON.stringify({ part: this.breaker, leases: digest.wantsLeases > 0 ? this.leases.splice(0) : [] });
      case "replicas":
        return JSON.stringify({ part: this.replicas });
      case "cache":
        return JSON.stringify({ part: this.bumps });
      default:
        return owner satisfies never;
    }
  }

  #newCore(): CollectorCore {
    return new CollectorCore({
      name: "collector:weur:0",
      now: () => this.now,
      random: () => 0.5,
      ask: (owner, text) => this.#ask(owner, JSON.parse(text)),
      waitUntil: (work) => this.#behind.push(work),
      takeBulk: (reporter, text) => {
        this.bulkTaken.push([reporter, text]);
        return this.bulk;
      },
      refused: (why) => this.refused.push(why),
    });
  }

  async #ask(owner: OwnerName, digest: Digest): Promise<Called<string>> {
    this.asked.push({ owner, digest, at: this.now });
    const { tookMs } = this;
    switch (this.behaviour[owner]) {
      case "well":
        return { kind: "answered", value: this.answer(owner, digest), tookMs };
      case "fails":
        return { kind: "failed", trouble: "overloaded", message: "overloaded", tookMs };
      case "throws":
        throw new Error("a bug in the port");
      case "babbles":
        return { kind: "answered", value: "no answer", tookMs };
      case "hangs":
        return new Promise((release) => this.#hanging.push({ owner, release }));
      default:
        return this.behaviour[owner] satisfies never;
    }
  }
}

let lastSeq = 0;

/** A report, calm and empty but for what is said. Its seq is new each time. */
export function report(said: Partial<Report> = {}): Report {
  return {
    wire: 1,
    id: "r1",
    seq: ++lastSeq,
    colo: "FRA",
    shards: 1,
    overMs: 5_000,
    requests: 50,
    have: {},
    outcomes: [],
    standing: [],
    samples: [],
    asks: { checks: [], sample: false, bounded: false },
    settle: [],
    bumps: [],
    ...said,
  };
}

export const outcomes = (said: Partial<Outcomes> = {}): Outcomes => ({
  node: "a",
  kind: "read",
  epoch: 0,
  ok: 0,
  failed: 0,
  slow: 0,
  excluded: 0,
  ...said,
});

export const standing = (said: Partial<Standing> = {}): Standing => ({
  node: "a",
  epoch: 0,
  failedRun: 0,
  slowRun: 0,
  tripped: false,
  successAgeMs: null,
  failureAgeMs: null,
  queryAgeMs: null,
  ...said,
});

/** A report that tells of a failure. */
export const trouble = (said: Partial<Report> = {}): Report => report({ outcomes: [outcomes({ failed: 1 })], ...said });

export const lease = (said: Partial<Lease> = {}): Lease => ({
  id: "l1",
  kind: "probe",
  node: "a",
  epoch: 2,
  expiresInMs: 3_000,
  ...said,
});
