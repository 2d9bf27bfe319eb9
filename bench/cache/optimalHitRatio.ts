import { bytesOf } from "./bytesOf.ts";
import { LOAD_MS, WINDOWS } from "./constants.ts";
import { atMs, type Trace } from "./trace.ts";

/** Stretches of the trace that have a price of memory of their own. */
const SLOTS = 64;
const ROUNDS = 60;

/** Requests that could be hits: of one key, from one to the next, with the bytes that lie there in between. */
interface Spans {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly bytes: Float64Array;
}

/**
 * No cache of so many bytes that loads what is asked for, however much it knew of the future, has a greater hit ratio.
 *
 * A request can be a hit only if its key was asked for so shortly before that a copy loaded then may still be shown, and
 * if the copy lay in memory all the time in between. Which of them to keep is a linear programme (a fraction of a copy
 * counts as that fraction of a hit: "FOO", Berger, Beckmann and Harchol-Balter 2018). Any prices of memory bound it from
 * above: all memory there is at these prices, and of each span what a hit is worth beyond its price. One price for all
 * the time is their "PFOO-L"; here each stretch of the trace has its own, and the least bound that was met is returned.
 */
export function optimalHitRatio(trace: Trace, maxBytes: number): number {
  const requests = trace.asked.length;
  const spans = spansOf(trace);
  const slotLength = requests / SLOTS;
  let prices = new Float64Array(SLOTS).fill(uniformPrice(spans, maxBytes, requests));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const { bound, used } = priced(spans, prices, { maxBytes, slotLength });
    best = Math.min(best, bound);
    // Dearer where more would be kept than there is room for, cheaper where less.
    const step = 0.5 / (1 + round / 4);
    prices = prices.map((price, slot) => {
      const excess = (used[slot] ?? 0) / (maxBytes * slotLength) - 1;
      return price * Math.exp(step * Math.min(1, excess));
    });
  }
  return Math.min(best, spans.bytes.length) / requests;
}

function spansOf({ items, asked }: Trace): Spans {
  const last = new Int32Array(items.length).fill(-1);
  const from: number[] = [];
  const to: number[] = [];
  const bytes: number[] = [];
  for (const [request, rank] of asked.entries()) {
    const before = last[rank] ?? -1;
    last[rank] = request;
    const item = items[rank];
    if (before < 0 || !item) continue;
    const { freshMs, staleMs } = WINDOWS[item.kind];
    // What was loaded for the request before is as old as that load began.
    if (atMs(request) - atMs(before) > freshMs + staleMs + LOAD_MS[item.kind]) continue;
    from.push(before);
    to.push(request);
    bytes.push(bytesOf(item));
  }
  return { from: Float64Array.from(from), to: Float64Array.from(to), bytes: Float64Array.from(bytes) };
}

/** The price at which the cheapest spans that fit into all memory of all time just cost what a hit is worth. */
function uniformPrice({ from, to, bytes }: Spans, maxBytes: number, requests: number): number {
  const areas = bytes.map((size, span) => size * ((to[span] ?? 0) - (from[span] ?? 0))).sort();
  let left = maxBytes * requests;
  for (const area of areas) {
    left -= area;
    if (left < 0) return 1 / area;
  }
  return 0;
}

/** What these prices say that there are at most of hits, and what would be kept at them, in bytes times requests. */
function priced(
  { from, to, bytes }: Spans,
  prices: Float64Array,
  { maxBytes, slotLength }: { maxBytes: number; slotLength: number },
) {
  const upTo = new Float64Array(SLOTS + 1);
  for (let slot = 0; slot < SLOTS; slot++) upTo[slot + 1] = (upTo[slot] ?? 0) + (prices[slot] ?? 0) * slotLength;
  const used = new Float64Array(SLOTS);
  // Bytes that lie there through whole slots: where they begin and where they end.
  const change = new Float64Array(SLOTS + 1);
  let bound = (upTo[SLOTS] ?? 0) * maxBytes;
  const cost = (at: number, slot: number) => (upTo[slot] ?? 0) + (prices[slot] ?? 0) * (at - slot * slotLength);
  for (let span = 0; span < bytes.length; span++) {
    const size = bytes[span] ?? 0;
    const begin = from[span] ?? 0;
    const end = to[span] ?? 0;
    const first = Math.min(SLOTS - 1, Math.floor(begin / slotLength));
    const last = Math.min(SLOTS - 1, Math.floor(end / slotLength));
    const worth = 1 - size * (cost(end, last) - cost(begin, first));
    if (worth <= 0) continue;
    bound += worth;
    if (first === last) {
      used[first] = (used[first] ?? 0) + size * (end - begin);
      continue;
    }
    used[first] = (used[first] ?? 0) + size * ((first + 1) * slotLength - begin);
    used[last] = (used[last] ?? 0) + size * (end - last * slotLength);
    change[first + 1] = (change[first + 1] ?? 0) + size;
    change[last] = (change[last] ?? 0) - size;
  }
  for (let slot = 0, lying = 0; slot < SLOTS; slot++) {
    lying += change[slot] ?? 0;
    used[slot] = (used[slot] ?? 0) + lying * slotLength;
  }
  return { bound, used };
}
