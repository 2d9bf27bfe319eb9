import { WorldReplicas } from "../../../../src/replicas/worldReplicas.ts";
import type { ReplicasDigest } from "../../../../src/rpc/digest.ts";
import type { ReplicasPart } from "../../../../src/rpc/parts.ts";
import type { Sample } from "../../../../src/rpc/report.ts";

export const NOW = 1_700_000_000_000;

/** How a world is run: as one instance, or as a new one from the saved rows between any two calls. */
export const lives = [
  ["one instance", false],
  ["evicted between any two rounds", true],
] as const;

/** The map with its storage and its clock. A round of questions is one call: it dies with the instance that began it. */
export class ReplicasBed {
  now = NOW;
  writes = 0;
  readonly rows = new Map<string, string>();
  readonly #names: readonly string[];
  readonly #sleepers: readonly string[];
  readonly #evicts: boolean;
  world: WorldReplicas;

  constructor({ evicts = false, nodes = ["a", "b", "c"], sleepers = [] as readonly string[] } = {}) {
    this.#evicts = evicts;
    this.#names = nodes;
    this.#sleepers = sleepers;
    this.world = this.#newWorld();
  }

  digest(digest: Partial<ReplicasDigest> = {}): ReplicasPart {
    const empty = {
      wire: 1,
      collector: "c",
      reporters: 1,
      samples: [],
      sample: false,
      bounded: false,
      verdicts: [],
      awake: [],
    };
    this.world.digest({ ...empty, ...digest }, this.now);
    this.#keep();
    return this.world.part(this.now);
  }

  /** Asks whom it is time to ask, and brings the answers of those who answer; whom it asked. */
  round(answers: readonly Sample[], tookMs = 0): string[] {
    const due = this.world.dueSamples(this.now);
    if (due.length === 0) return [];
    this.now += tookMs;
    this.world.sampled(
      answers.filter(({ node }) => due.includes(node)),
      this.now,
    );
    this.#keep();
    return due;
  }

  /** A round now, however long ago the last one was. */
  look(...answers: Sample[]): ReplicasPart {
    this.pass(10_000);
    this.round(answers);
    return this.part;
  }

  get part(): ReplicasPart {
    return this.world.part(this.now);
  }

  get roles(): Record<string, string> {
    return Object.fromEntries(this.part.nodes.map(({ node, role }) => [node, role]));
  }

  lagOf(node: string): number | null | undefined {
    return this.part.nodes.find((each) => each.node === node)?.lagBoundMs;
  }

  alarmInMs(): number | undefined {
    const at = this.world.alarmAt(this.now);
    return at === undefined ? undefined : at - this.now;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  evict(): void {
    this.world = this.#newWorld();
  }

  #newWorld(): WorldReplicas {
    const nodes = this.#names.map((name) => ({ name, maySleep: this.#sleepers.includes(name) }));
    return new WorldReplicas(nodes, this.rows, this.now);
  }

  #keep(): void {
    for (const [key, row] of this.world.toRows()) {
      if (this.rows.get(key) === row) continue;
      this.writes++;
      this.rows.set(key, row);
    }
    if (this.#evicts) this.evict();
  }
}

export function primary(node: string, position = "100", said: Partial<Sample> = {}): Sample {
  return { node, inRecovery: false, epoch: "1", position, generation: "g", tookMs: 2, ageMs: 0, ...said };
}

export function replica(node: string, position = "100", said: Partial<Sample> = {}): Sample {
  return { ...primary(node, position), inRecovery: true, ...said };
}
