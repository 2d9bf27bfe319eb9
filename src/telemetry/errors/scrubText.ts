import { CUT, MAX_READ_CHARS, MAX_TEXT_CHARS, UNREADABLE } from "./constants.ts";
import { hideSecrets } from "./hideSecrets.ts";

/** Rounds until a text must have come to rest; two do for all but texts made to defeat it. */
const MAX_ROUNDS = 4;

/**
 * The text without secrets, at most `maxChars` long. What it returns is at rest: scrubbed once more it stays the
 * same, because a text is returned only once a pass changed nothing (or else `UNREADABLE` is).
 */
export function scrubText(text: string, maxChars: number = MAX_TEXT_CHARS): string {
  let scrubbed = shorten(hideSecrets(readablePart(text)), maxChars);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = shorten(hideSecrets(scrubbed), maxChars);
    if (next === scrubbed) return scrubbed;
    scrubbed = next;
  }
  return UNREADABLE;
}

/** The head of a long text, back to where a word ends: half a token could not be told from a word. */
function readablePart(text: string): string {
  if (text.length <= MAX_READ_CHARS) return text;
  let end = MAX_READ_CHARS;
  while (end > 0 && !/[\s,;{}]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end) + CUT;
}

function shorten(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : text.slice(0, maxChars - CUT.length) + CUT;
}
