import { MAX_ENVELOPE_BYTES } from "./constants.ts";
import { type CacheEntry, entrySchema } from "./entry.ts";

/** A character of UTF-16 takes three bytes of UTF-8 at most. */
const MAX_BYTES_A_CHAR = 3;

/** An entry as text, for a tier to keep; undefined: longer than a tier takes. */
export function writeEnvelope(entry: CacheEntry): string | undefined {
  const text = JSON.stringify(entry);
  return isTooLong(text) ? undefined : text;
}

/** The entry that such a text holds; undefined where it is none, or one of another schema. Never throws. */
export function readEnvelope(text: unknown): CacheEntry | undefined {
  if (typeof text !== "string" || isTooLong(text)) return undefined;
  const parsed = entrySchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

function isTooLong(text: string): boolean {
  if (text.length * MAX_BYTES_A_CHAR <= MAX_ENVELOPE_BYTES) return false;
  return text.length > MAX_ENVELOPE_BYTES || new TextEncoder().encode(text).length > MAX_ENVELOPE_BYTES;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
