import { rounded } from "../percentiles.ts";
import type { Item } from "./catalogue.ts";
import { BEGINS_AT, LOAD_MS, TEXT, WINDOWS } from "./constants.ts";
import type { Loaded, MakeSubject, Told } from "./subject.ts";
import { atMs, type Trace } from "./trace.ts";
import { settled, VirtualClock } from "./virtualClock.ts";
import { virtualGlobals } from "./virtualGlobals.ts";

/** What became of the requests, as shares of them. The first three are hits; all six together are 1. */
interface Shares {
  /** Nothing newer was written, and it is as fresh as its kind demands. */
  readonly fresh: number;
  /** Past that, while it is loaded anew, within what its kind allows. */
  readonly expired: number;
  /** Something newer was written, the cache knows, and it is within what its kind allows. */
  readonly bumped: number;
  /** Something newer was written, and it was given as if not: no hit. */
  readonly outdated: number;
  /** Older than its kind allows, or past its freshness without being loaded anew: no hit. */
  readonly tooOld: number;
  /** Waited for a load. */
  readonly waited: number;
}

export interface Played {
  readonly hitRatio: number;
  readonly shares: Shares;
  readonly loadsPerRequest: number;
  /** Of hits that something newer was written of: for how long already. */
  readonly bumpedForMs: { readonly p50: number; readonly p99: number };
}

type Became = keyof Shares;

/** Plays a trace to one cache in virtual time, and judges each of its answers by the same rule. */
export async function playTrace(trace: Trace, make: MakeSubject, maxBytes: number): Promise<Played> {
  const { items, asked, written } = trace;
  const clock = new VirtualClock(BEGINS_AT);
  const loading = new Map<number, number>();
  const lastWrite = new LastWrites();
  const count: Record<Became, number> = { fresh: 0, expired: 0, bumped: 0, outdated: 0, tooOld: 0, waited: 0 };
  const bumpedFor: number[] = [];
  let [writes, loads] = [0, 0];

  async function load(rank: number): Promise<Loaded> {
    const item = items[rank];
    if (!item) throw new Error(`nobody asked for ${rank}`);
    const loaded = { rank, loadedAt: clock.now(), writes, body: TEXT.slice(0, item.bodyBytes) };
    loads++;
    loading.set(rank, (loading.get(rank) ?? 0) + 1);
    await clock.sleep(LOAD_MS[item.kind]);
    loading.set(rank, (loading.get(rank) ?? 1) - 1);
    return loaded;
  }

  function judge({ loaded, isKnownOld }: Told, item: Item): Became {
    const { freshMs, staleMs } = WINDOWS[item.kind];
    const ageMs = clock.now() - loaded.loadedAt;
    const newer = lastWrite.after(item, loaded.writes);
    if (ageMs > freshMs + staleMs) return "tooOld";
    const isRenewed = isKnownOld ?? (loading.get(loaded.rank) ?? 0) > 0;
    if (newer !== undefined && !isRenewed) return "outdated";
    if (newer !== undefined) bumpedFor.push(clock.now() - newer);
    if (newer !== undefined) return "bumped";
    if (ageMs <= freshMs) return "fresh";
    return isRenewed ? "expired" : "tooOld";
  }

  const giveBack = virtualGlobals(clock);
  const subject = await make({ items, maxBytes, now: clock.now, sleep: clock.sleep, load });
  for (const [request, rank] of asked.entries()) {
    await clock.advanceTo(BEGINS_AT + atMs(request));
    const pitch = written.get(request);
    if (pitch) {
      writes++;
      lastWrite.add(pitch, writes, clock.now());
      await subject.written(pitch, writes);
    }
    const item = items[rank];
    if (!item) continue;
    let told: Told | undefined;
    subject.ask(rank).then((came) => {
      told = came;
    });
    await settled();
    await clock.advanceTo(clock.now()); // what caches put off to "at once" is under way
    count[told ? judge(told, item) : "waited"]++;
  }
  giveBack();
  const share = (times: number) => rounded(times / asked.length);
  const sorted = bumpedFor.sort((a, b) => a - b);
  const at = (rank: number) => sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? 0;
  return {
    hitRatio: share(count.fresh + count.expired + count.bumped),
    shares: {
      fresh: share(count.fresh),
      expired: share(count.expired),
      bumped: share(count.bumped),
      outdated: share(count.outdated),
      tooOld: share(count.tooOld),
      waited: share(count.waited),
    },
    loadsPerRequest: share(loads),
    bumpedForMs: { p50: at(0.5), p99: at(0.99) },
  };
}

/** What was written when, by tag. */
class LastWrites {
  readonly #byTag = new Map<string, { number: number; at: number }[]>();

  add({ touches }: Item, number: number, at: number): void {
    for (const tag of touches) {
      const writes = this.#byTag.get(tag) ?? [];
      writes.push({ number, at });
      this.#byTag.set(tag, writes);
    }
  }

  /** When the first write after the so manieth touched it; undefined: none did. */
  after({ tags }: Item, number: number): number | undefined {
    let first: number | undefined;
    for (const tag of tags) {
      const writes = this.#byTag.get(tag) ?? [];
      let [low, high] = [0, writes.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((writes[middle]?.number ?? 0) <= number) low = middle + 1;
        else high = middle;
      }
      const at = writes[low]?.at;
      if (at !== undefined) first = Math.min(first ?? at, at);
    }
    return first;
  }
}
