import type { ColoCopy, ColoCopyShelf, Place } from "./coloCopy.ts";
import { COLO_LOOK_MS, COLO_PUSH_MS, COLO_PUT_MS, COLO_REFRESH_MS, COLO_TELL_MS, MAX_TOLD_BUMPS } from "./constants.ts";
import type { ExchangePorts } from "./exchangePorts.ts";
import type { Changes, View } from "./view.ts";

/** No count of writes. */
const NEVER = -1;

type NeighbourPorts = Pick<ExchangePorts, "now" | "sleep" | "changed" | "shelf" | "writes">;

/** What the isolates of one colo tell each other without a call: what one heard, by way of the colo's copy. */
export class Neighbours {
  readonly #ports: NeighbourPorts;
  readonly #shelf: ColoCopyShelf;
  readonly #view: View;
  #refreshAfter = 0;
  /** The view changed since the copy was left. */
  #hasNews = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #putAt = Number.NEGATIVE_INFINITY;

  /** How many writes there had been when they were last told of. */
  #told = 0;
  #isTelling = false;

  constructor(ports: NeighbourPorts, view: View) {
    this.#ports = ports;
    this.#shelf = ports.shelf;
    this.#view = view;
  }

  /** Until when nobody here with nothing to tell needs to ask for news. */
  get refreshAfter(): number {
    return this.#refreshAfter;
  }

  isLookDue(now: number): boolean {
    return Math.abs(now - this.#lookedAt) >= COLO_LOOK_MS;
  }

  /** Takes in what a neighbour heard. */
  async look(place: Place): Promise<void> {
    const { now, changed, writes } = this.#ports;
    this.#lookedAt = now();
    const found = await this.#shelf.read(place, now);
    if (!found) return;
    const changes = this.#view.adopt(found.copy.parts, found.elapsedMs, now(), true);
    this.#hear(found.copy);
    // Somebody who had not heard of them left his own copy over the one that told of them.
    const told = new Set(found.copy.own?.map(({ id }) => id));
    if (
      writes
        .untold()
        .slice(-MAX_TOLD_BUMPS)
        .some(({ id }) => !told.has(id))
    )
      this.#told = NEVER;
    this.#refreshAfter = Math.min(found.copy.refreshAfter, now() + COLO_REFRESH_MS);
    changed(changes, now());
  }

  /**
   * Says that somebody asks for news already: neighbours with nothing to tell wait for what comes of it. The copy keeps
   * its age; only the time after which it is to be renewed moves.
   */
  async pushOut(place: Place): Promise<void> {
    const { now, sleep } = this.#ports;
    if (!this.#view.breaker) return; // nothing that could be left there
    const at = now();
    const pushed = this.#put(place, at);
    await Promise.race([pushed, sleep(COLO_PUSH_MS)]); // a courtesy, for which no exchange is held up
  }

  /** An answer changed the view. */
  heard({ breaker, replicas, bumps }: Changes): void {
    this.#hasNews ||= breaker || replicas || bumps;
  }

  /** Leaves what this isolate heard, where it is news or the last copy is old. */
  async leave(place: Place): Promise<void> {
    const { now } = this.#ports;
    const at = now();
    if (!this.#hasNews && Math.abs(at - this.#putAt) < COLO_PUT_MS) return;
    this.#hasNews = false;
    this.#putAt = at;
    await this.#put(place, at);
  }

  /** There are writes of this isolate that its neighbours were not told of. */
  get hasWrites(): boolean {
    return !this.#isTelling && this.#ports.writes.count !== this.#told;
  }

  /**
   * Tells the neighbours of this isolate's writes, as soon as may be: the objects are told of them at most every few
   * seconds, and until then nobody else here would know that what he holds is old.
   */
  async tellWrites(place: Place): Promise<void> {
    const { now, sleep } = this.#ports;
    this.#isTelling = true;
    const waitMs = COLO_TELL_MS - Math.abs(now() - this.#putAt);
    if (waitMs > 0) await sleep(waitMs);
    this.#isTelling = false;
    this.#putAt = now();
    await this.#put(place, this.#putAt);
  }

  /** What lies there is heard first, so that what others told is told on. */
  async #put(place: Place, at: number): Promise<void> {
    const { now, writes } = this.#ports;
    const found = await this.#shelf.read(place, now);
    if (found) this.#hear(found.copy);
    this.#told = writes.count;
    const news = { refreshAfter: at + COLO_REFRESH_MS, own: writes.untold() };
    return this.#shelf.write(place, this.#view.handOn(at), news, now);
  }

  #hear({ own = [] }: ColoCopy): void {
    const { now, writes } = this.#ports;
    for (const { id, buckets } of own) writes.heard(id, buckets, now());
  }
}
