import { EXCHANGE_DEADLINE_MS } from "../../src/rpc/constants.ts";
import type { LocationHint } from "../../src/rpc/locationHint.ts";
import { Instruments } from "../../src/telemetry/instruments.ts";
import { Random } from "../../tools/seed/random.ts";
import { SimulatedObjects } from "../../tools/simulator/simulatedObjects.ts";
import { bulkPiece } from "./bulkPiece.ts";
import { Calendar } from "./calendar.ts";
import { ISOLATES_PER_COLO, NODES, REGION_SHARES, TICK_MS } from "./constants.ts";
import { type CountedColo, CountedIsolate } from "./countedIsolate.ts";
import type { RequestCounts } from "./countedRequests.ts";

export interface CountedWorldOptions {
  readonly isolates: number;
  /** Of all isolates together. */
  readonly requestsPerSecond: number;
  /** Share of requests that write. */
  readonly writes: number;
  readonly seed: number;
  readonly isolatesPerColo?: number;
  readonly regions?: readonly (readonly [LocationHint, number])[];
}

/**
 * Isolates that are counted, tick by tick, over objects that are real: the simulator's shells on production's
 * Collectors and owners, JSON and guards included.
 */
export class CountedWorld extends SimulatedObjects {
  readonly isolates: readonly CountedIsolate[];
  readonly requestsPerSecond: number;
  readonly #calendar = new Calendar<CountedIsolate>(TICK_MS);
  readonly #watchers = new Set<() => void>();
  #isDown = false;

  constructor(options: CountedWorldOptions) {
    const generator = new Random(options.seed);
    super({ random: generator, nodes: NODES, forgetful: false });
    this.requestsPerSecond = options.requestsPerSecond;
    const bulk = bulkPiece();
    const instruments = new Instruments();
    const perColo = options.isolatesPerColo ?? ISOLATES_PER_COLO;
    const regions = options.regions ?? REGION_SHARES;
    const colos = Array.from(
      { length: Math.ceil(options.isolates / perColo) },
      (_, index): CountedColo => ({ name: `c${index}`, copy: undefined }),
    );
    const { scheduler, database } = this;
    this.isolates = Array.from({ length: options.isolates }, (_, index) => {
      const coloIndex = index % colos.length;
      return new CountedIsolate(index, {
        scheduler,
        random: generator,
        database,
        instruments,
        colo: colos[coloIndex] ?? { name: "", copy: undefined },
        hint: regionAt(regions, (coloIndex + 0.5) / colos.length),
        exchange: (collector, report, heldMs, piece) =>
          this.exchange(collector, report, heldMs, piece, EXCHANGE_DEADLINE_MS),
        isDown: () => this.#isDown,
        requestsPerSecond: options.requestsPerSecond / options.isolates,
        writes: options.writes,
        bulk: () => bulk,
        file: (isolate) => this.#calendar.file(isolate, scheduler.now()),
      });
    });
    for (const isolate of this.isolates) this.#calendar.file(isolate, scheduler.now());
    this.#tick();
  }

  setDatabase(state: "up" | "down"): void {
    for (const isolate of this.isolates) isolate.requests.advance(); // what came until now met the nodes as they were
    this.#isDown = state === "down";
    this.database.set(state);
    // Requests come all the time, and meet it at once.
    for (const isolate of this.isolates) isolate.dueAt = this.scheduler.now();
  }

  /** From now on this share of all requests writes. */
  setWrites(share: number): void {
    for (const isolate of this.isolates) isolate.setWrites(share, this.scheduler.now());
  }

  run(forMs: number): Promise<void> {
    return this.scheduler.run(forMs);
  }

  /** How all requests so far ended, and how many attempts reached a node. */
  requests(): RequestCounts {
    const sum = { answered: 0, failed: 0, refused: 0, sent: this.database.askedFor.request };
    for (const { requests } of this.isolates) {
      sum.answered += requests.counts.answered;
      sum.failed += requests.counts.failed;
      sum.refused += requests.counts.refused;
      sum.sent += requests.counts.sent;
    }
    return sum;
  }

  /** Questions to nodes that were ours, so far: probes, checks and samples, through the Prober or an isolate. */
  questions(): number {
    const { probe, check, sample } = this.database.askedFor;
    return probe + check + sample;
  }

  /** Called each tick; returns what ends that. */
  watch(look: () => void): () => void {
    this.#watchers.add(look);
    return () => this.#watchers.delete(look);
  }

  get exchanges(): number {
    return this.isolates.reduce((sum, { exchanges }) => sum + exchanges, 0);
  }

  /** Forgets what was counted, and nothing else. */
  forget(): void {
    this.tally.clear();
    for (const isolate of this.isolates) isolate.exchanges = 0;
  }

  #tick(): void {
    this.scheduler.after(TICK_MS, () => {
      const now = this.scheduler.now();
      for (const isolate of this.#calendar.take(now)) if (isolate.dueAt <= now) isolate.step(now);
      for (const look of this.#watchers) look();
      this.#tick();
    });
  }
}

/** The region of a place between 0 and 1, by the regions' shares. */
function regionAt(regions: readonly (readonly [LocationHint, number])[], place: number): LocationHint {
  let sum = 0;
  for (const [hint, share] of regions) {
    sum += share;
    if (place < sum) return hint;
  }
  return regions.at(-1)?.[0] ?? "enam";
}
