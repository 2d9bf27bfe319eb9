import type { HeatAnswer } from "../../rpc/refreshLease.ts";
import type { HotKey } from "./warmFacts.ts";

/** Of a key that nobody told of. */
const UNKNOWN = { heat: 1, loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" };
const TYPICAL_LOAD_MS = 20;

/** A key as a run plans with it, by what is known of it, if anything is. */
export function hotKeyOf(key: string, known: HeatAnswer["keys"][number] | undefined): HotKey {
  return { ...UNKNOWN, ...known, key, loadMs: TYPICAL_LOAD_MS };
}
