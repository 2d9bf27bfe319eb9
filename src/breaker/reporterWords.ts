import { MAX_OF_COLO, MAX_REPORTERS, QUORUM_WINDOW_MS, WINDOW_MS } from "./constants.ts";
import type { ReporterWord } from "./nodeRow.ts";

/** What single reporters' words on one node say, and which of them are worth remembering. */

export function isAsking({ askedAt }: ReporterWord, now: number): boolean {
  return Math.abs(now - askedAt) < QUORUM_WINDOW_MS;
}

export function isFailing({ failingAt }: ReporterWord, now: number): boolean {
  return Math.abs(now - failingAt) < WINDOW_MS;
}

/** Whether it is in trouble with the node by its own rule, whatever it told of runs: those may be chance to it. */
export function hasTripped({ tripped }: Pick<ReporterWord, "tripped">): boolean {
  return tripped;
}

/**
 * Of too many words those that a quorum is counted from: trouble first, then who asked last. Of one colo no more than its
 * places while reporters of others want them, so that it crowds out neither their trouble nor their content.
 */
export function wordsToKeep(words: readonly ReporterWord[], now: number): ReporterWord[] {
  const rank = (word: ReporterWord) => (isFailing(word, now) ? (hasTripped(word) ? 2 : 1) : 0);
  const ranked = words.toSorted((a, b) => rank(b) - rank(a) || b.askedAt - a.askedAt);
  const inPlaces = ranked.filter(
    ({ colo }, at) => ranked.slice(0, at).filter((before) => before.colo === colo).length < MAX_OF_COLO,
  );
  const beyond = ranked.filter((word) => !inPlaces.includes(word));
  return [...inPlaces, ...beyond].slice(0, MAX_REPORTERS);
}
