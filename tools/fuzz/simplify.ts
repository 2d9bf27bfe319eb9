import { MAX_SIMPLER } from "./constants.ts";
import { placesIn, withValueAt } from "./jsonPlaces.ts";
import type { RequestParts } from "./rawRequest.ts";

/**
 * The simplest request found that is still wrong: parts are left out, and values made smaller, one at a time, as long as
 * `isWrong` says so. Each try is sent for real; `isWrong` must not care about what the others changed.
 */
export async function simplify(
  parts: RequestParts,
  isWrong: (simpler: RequestParts) => Promise<boolean>,
): Promise<RequestParts> {
  let simplest = parts;
  let left = MAX_SIMPLER;
  for (let isSimpler = true; isSimpler && left > 0; ) {
    isSimpler = false;
    for (const simpler of simplerThan(simplest)) {
      if (left-- <= 0) break;
      if (!(await isWrong(simpler))) continue;
      simplest = simpler;
      isSimpler = true;
      break;
    }
  }
  return simplest;
}

/** Requests with one thing less, the largest first. */
function* simplerThan(parts: RequestParts): Generator<RequestParts> {
  const { query, headers, json, bytes } = parts;
  for (const index of query.keys()) yield { ...parts, query: query.toSpliced(index, 1) };
  for (const index of headers.keys()) {
    if (headers[index]?.[0] !== "Content-Type") yield { ...parts, headers: headers.toSpliced(index, 1) };
  }
  if (bytes !== undefined || json === undefined) return;
  for (const place of placesIn(json, 50)) yield { ...parts, json: withValueAt(json, place, undefined) };
  for (const place of placesIn(json, 50)) {
    const value = place.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], json);
    if (typeof value !== "string" || value.length < 4) continue;
    yield { ...parts, json: withValueAt(json, place, value.slice(0, value.length / 2)) };
  }
}
