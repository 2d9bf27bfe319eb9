import { OWED_MS } from "./constants.ts";
import type { SharedPolicy } from "./sharedRoute.ts";

/** Why answers cannot be kept by this policy, a sentence's end; undefined: they can. */
export function policyTrouble({ fresh, staleWhileRevalidate, version = 1 }: SharedPolicy): string | undefined {
  if (!Number.isSafeInteger(version) || version < 1) {
    return `the version of a shared answer is a whole number from 1, not ${version}.`;
  }
  const keptS = fresh.ceiling + staleWhileRevalidate;
  if (keptS * 1_000 <= OWED_MS) return undefined;
  return (
    `fresh.ceiling (${fresh.ceiling} s) and staleWhileRevalidate (${staleWhileRevalidate} s) are ${keptS} s together, ` +
    `at most ${OWED_MS / 1_000} s: a session's writes are remembered no longer.`
  );
}
