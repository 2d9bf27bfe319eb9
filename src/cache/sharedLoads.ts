import { Coalescer } from "./coalesce.ts";
import { FLIGHT_FORGOTTEN_MS, FLIGHT_JOIN_MS, WORLD_LEASE_MS } from "./constants.ts";
import { decideRequest, type Surroundings } from "./decideRequest.ts";
import type { CacheEntry } from "./entry.ts";
import { isPurged } from "./isCurrent.ts";
import { lookFarther } from "./lookFarther.ts";
import type { Refresher } from "./refresher.ts";
import type { SharedCachePorts } from "./sharedCachePorts.ts";
import type { LoadOptions, SharedRequest } from "./sharedRequest.ts";

/** What was purged while it was loaded is loaded again. More purges than this within one request are no accident. */
const MAX_PURGED_LOADS = 3;

/** Tells the world of loads, and writes them where all see them. */
type Told = () => Pick<Refresher, "publish" | "tell">;

/** Loads of shared answers: one at a time of a key, kept where this isolate and its colo find it. */
export class SharedLoads {
  readonly #ports: Pick<SharedCachePorts, "memory" | "farther" | "lease"> & Surroundings;
  readonly #toldBy: Told;
  readonly #flights = new Coalescer<CacheEntry>(FLIGHT_JOIN_MS, FLIGHT_FORGOTTEN_MS);

  constructor(ports: Pick<SharedCachePorts, "memory" | "farther" | "lease"> & Surroundings, toldBy: Told) {
    this.#ports = ports;
    this.#toldBy = toldBy;
  }

  get #told() {
    return this.#toldBy();
  }

  /** Loads it, with whoever else wants it now. What somebody loads who is owed writes is nobody else's to wait for. */
  async once(request: SharedRequest, options: LoadOptions): Promise<{ entry: CacheEntry; isJoined: boolean }> {
    const { key, flight } = request;
    const load = async () => {
      const { copy, lease } = await this.#worldLease(request, options);
      if (copy) return copy;
      const entry = await request.load(options);
      this.#ports.failed.succeeded(key);
      this.#keepNear(entry, flight);
      if (lease !== undefined) flight.waitUntil(this.#told.publish(entry, lease, flight.now()));
      // Of a copy that ended the world is told as well, so that it knows how long this one lasts.
      else if (options.before && options.as === "any") flight.waitUntil(this.#told.tell(entry, flight.now()));
      return entry;
    };
    for (let loads = 0; loads < MAX_PURGED_LOADS; loads++) {
      const { value, role } =
        options.as === "owed" ? { value: await load(), role: "alone" } : await this.#flights.run(key, load, flight);
      // Who asks after a purge was heard may have joined a load of before it.
      if (!isPurged(value, this.#ports.known(flight.now()))) return { entry: value, isJoined: role === "joined" };
    }
    throw new Error("It was purged for good each time while it was loaded: ask again.");
  }

  /** Of a cold key one isolate in the world loads, where its route asks for that; the others wait for it a moment. */
  async #worldLease(
    request: SharedRequest,
    { as, before }: LoadOptions,
  ): Promise<{ copy?: CacheEntry; lease?: string }> {
    const { key, policy, flight } = request;
    if (policy.coalesce !== "world" || as !== "any" || before || !this.#ports.mayRead()) return {};
    const endAt = flight.now() + WORLD_LEASE_MS;
    const answer = await this.#ports.lease({ key, loadedAt: 0 }, WORLD_LEASE_MS);
    if (!answer || answer.kind === "granted") return answer ? { lease: answer.lease } : {};
    const leftMs = endAt - flight.now();
    if (leftMs > 0) await flight.sleep(Math.min(leftMs, answer.afterMs));
    // What lies there may be older than what the other one loads: it is given only as a fresh copy would be.
    const isFresh = (entry: CacheEntry) => {
      const decision = decideRequest(this.#ports, request, entry, "cold", flight.now());
      return decision.do === "serve" && decision.as === "fresh";
    };
    const { best } = await lookFarther(key, this.#ports.farther, undefined, isFresh, flight.now, isFresh);
    return best && isFresh(best) ? { copy: best } : {};
  }

  #keepNear(entry: CacheEntry, { now, waitUntil }: SharedRequest["flight"]): void {
    const { memory, farther } = this.#ports;
    memory.store(entry, now());
    const colo = farther.find(({ name }) => name === "colo");
    if (colo) waitUntil(colo.put(entry, now()));
  }
}
