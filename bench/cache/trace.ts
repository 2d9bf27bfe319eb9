import { Random, zipf } from "../../tools/seed/random.ts";
import { catalogueOf, type Item } from "./catalogue.ts";
import { REQUEST_EVERY_MS, WRITES_PER_REQUEST, ZIPF_EXPONENT } from "./constants.ts";

/** Who asks for what, and who writes, one request each millisecond. The same seed gives the same trace. */
export interface Trace {
  readonly items: readonly Item[];
  /** The item of each request. */
  readonly asked: Uint32Array;
  /** The pitch that is written just before this request. */
  readonly written: ReadonlyMap<number, Item>;
}

/** Written are pitches as they are read: what is looked at most is changed most. */
export function traceOf(seed: number, requests: number): Trace {
  const items = catalogueOf(seed);
  const pitches = items.filter(({ kind }) => kind === "pitch");
  const random = new Random(seed + 1);
  const draw = zipf(items.length, ZIPF_EXPONENT);
  const drawPitch = zipf(pitches.length, ZIPF_EXPONENT);
  const asked = new Uint32Array(requests);
  const written = new Map<number, Item>();
  for (let request = 0; request < requests; request++) {
    asked[request] = draw(random);
    if (random.next() >= WRITES_PER_REQUEST) continue;
    const pitch = pitches[drawPitch(random)];
    if (pitch) written.set(request, pitch);
  }
  return { items, asked, written };
}

/** When a request comes, in milliseconds from the beginning. */
export function atMs(request: number): number {
  return request * REQUEST_EVERY_MS;
}
