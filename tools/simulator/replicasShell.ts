import { WorldReplicas } from "../../src/replicas/worldReplicas.ts";
import { MAX_DIGEST_CHARS, PROBE_DEADLINE_MS } from "../../src/rpc/constants.ts";
import { replicasDigestSchema } from "../../src/rpc/digest.ts";
import { readMessage } from "../../src/rpc/readMessage.ts";
import { askProber, type ProberWay } from "./askProber.ts";
import type { ObjectContext } from "./simulatedObject.ts";

/** As in `objects/replicaCoordinator.ts`. */
const SAMPLE_WAIT_MS = 250;

/** The shell of `objects/replicaCoordinator.ts` in virtual time. */
export class ReplicasShell {
  readonly #context: ObjectContext;
  readonly #way: ProberWay;
  readonly #world: WorldReplicas;
  #samplingSince: number | undefined;

  constructor(context: ObjectContext, way: ProberWay) {
    this.#context = context;
    this.#way = way;
    const nodes = way.database.nodes.map((name) => ({ name, maySleep: false }));
    this.#world = new WorldReplicas(nodes, context.storage.rows, way.scheduler.now());
  }

  async digest(text: string): Promise<string> {
    const { now, sleep } = this.#way.scheduler;
    const digest = readMessage(replicasDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    this.#world.digest(digest, now());
    this.#keep();
    const sampled = this.#sample();
    if (this.#world.isUrgent) await Promise.race([sampled, sleep(SAMPLE_WAIT_MS)]);
    return JSON.stringify(this.#world.answer(now()));
  }

  async alarm(): Promise<void> {
    this.#context.storage.rang();
    this.#context.storage.setAlarm(this.#way.scheduler.now() + PROBE_DEADLINE_MS);
    await this.#sample();
    this.#keep();
  }

  async #sample(): Promise<void> {
    const { now } = this.#way.scheduler;
    const startedAt = now();
    if (this.#samplingSince !== undefined && startedAt - this.#samplingSince < PROBE_DEADLINE_MS) return;
    const due = this.#world.dueSamples(startedAt);
    if (due.length === 0) return;
    this.#samplingSince = startedAt;
    const answers = await this.#context.whileAlive(() => askProber(this.#way, due, "sample"));
    this.#samplingSince = undefined;
    const samples = answers.flatMap(({ sample }) => sample ?? []);
    if (answers.length > 0) this.#world.sampled(samples, now());
    this.#keep();
  }

  #keep(): void {
    const now = this.#way.scheduler.now();
    this.#context.storage.mustRing(this.#world.alarmAt(now), now);
    this.#context.storage.save(this.#world.toRows());
  }
}
