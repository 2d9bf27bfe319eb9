import { FINGERPRINT_MESSAGE_CHARS } from "./constants.ts";
import type { DescribedError } from "./describeError.ts";

/** What differs from one occurrence to the next: quoted text, addresses, and every word with a digit in it. */
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`/g;
const ADDRESS = /[^\s@]+@[^\s@]+/g;
const NUMBERED = /[\w.-]*\d[\w.,:-]*/g;

/**
 * What two occurrences of one error have in common: name, code, message without literals, and the place of the throw
 * with its line, for the code does not change within an isolate's life. It stays in the isolate: it is not scrubbed.
 */
export function fingerprintOf({ name, code, message, frames }: DescribedError): string {
  const kind = message
    .slice(0, FINGERPRINT_MESSAGE_CHARS)
    .replace(QUOTED, "?")
    .replace(ADDRESS, "?")
    .replace(NUMBERED, "?");
  return [name.slice(0, 100), code?.slice(0, 100) ?? "", kind, frames[0]?.trim() ?? ""].join("|");
}
