import { usableUntil } from "../entry.ts";
import { readEnvelope } from "../envelope.ts";
import type { TierRead } from "./tier.ts";

/** What a text says that lies where the key's entry would. */
export function readEntry(text: string, key: string, now: number): Exclude<TierRead, { kind: "failed" }> {
  const entry = readEnvelope(text);
  if (entry?.key !== key) return { kind: "corrupt" };
  return now >= usableUntil(entry) ? { kind: "absent" } : { kind: "found", entry };
}
