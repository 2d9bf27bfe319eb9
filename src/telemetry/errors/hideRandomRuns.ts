import { REMOVED } from "./constants.ts";

/** Base64, base64url, hex, and paths of such. */
const RUN = /[A-Za-z0-9_+/-]{20,}={0,2}/g;
const MIN_CHARS = 20;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Base64 with "/" in it is judged as one from this length on; what is shorter is judged part by part. */
const MIN_CHARS_WITH_SLASHES = 30;

/**
 * Hides long runs of characters that look drawn by lot: tokens, keys, hashes. Ids of rows, marks and requests are
 * UUIDs and stay: they open nothing, and without them a report cannot be followed up.
 */
export function hideRandomRuns(text: string): string {
  return text.replace(RUN, (run) => {
    const parts = run.split("/");
    const isWhole = parts.length === 1 || /[+=]/.test(run) || (run.length >= MIN_CHARS_WITH_SLASHES && !isPath(parts));
    if (isWhole && isRandom(run)) return REMOVED;
    return parts.map((part) => (part.length >= MIN_CHARS && isRandom(part) ? REMOVED : part)).join("/");
  });
}

/** A path has words or ids between its slashes. */
function isPath(parts: readonly string[]): boolean {
  return parts.some((part) => /^[a-z]{3,}$/.test(part) || UUID.test(part));
}

/**
 * Words change their kind of character (lower case, upper case, digit) seldom, lots at every other character. Measured
 * on base64url: of tokens of 16 random bytes 5 in 1,000 pass for words, of 24 bytes 6 in 10,000, of 32 bytes 6 in
 * 100,000. The price is that some camel case of very short words is taken for a lot.
 */
function isRandom(run: string): boolean {
  if (UUID.test(run)) return false;
  const letters = run.replace(/[_+/=-]/g, "");
  const hasDigit = /\d/.test(letters);
  const hasUpper = /[A-Z]/.test(letters);
  const hasLower = /[a-z]/.test(letters);
  if (letters.length < MIN_CHARS - 4 || Number(hasDigit) + Number(hasUpper) + Number(hasLower) < 2) return false;
  if (hasDigit && /^[0-9a-f]*$/i.test(letters)) return true;
  const share = changesOfKind(letters) / (letters.length - 1);
  if (!hasDigit) return share >= 0.38;
  if (hasUpper && hasLower) return share >= 0.28;
  return share >= (hasUpper ? 0.15 : 0.2);
}

function changesOfKind(letters: string): number {
  let changes = 0;
  for (let index = 1; index < letters.length; index++) {
    if (kindOf(letters.charCodeAt(index)) !== kindOf(letters.charCodeAt(index - 1))) changes++;
  }
  return changes;
}

function kindOf(code: number): "digit" | "upper" | "lower" {
  if (code <= 57) return "digit";
  return code <= 90 ? "upper" : "lower";
}
