import { BYTES_A_CHAR, ENTRY_OVERHEAD_BYTES } from "../../src/cache/tiers/constants.ts";
import type { Item } from "./catalogue.ts";

/** As long as our entries' hashes are. */
export const HASH_CHARS = 36;

/** What an answer takes of memory, by our own memory tier's rule. Everybody is held to it, and so is the bound. */
export function bytesOf({ key, bodyBytes }: Pick<Item, "key" | "bodyBytes">): number {
  return (key.length + bodyBytes + HASH_CHARS) * BYTES_A_CHAR + ENTRY_OVERHEAD_BYTES;
}
