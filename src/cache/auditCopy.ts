import type { CacheEntry } from "./entry.ts";
import { whyNotCurrent } from "./isCurrent.ts";
import type { SharedCachePorts } from "./sharedCachePorts.ts";
import type { SharedRequest } from "./sharedRequest.ts";

/**
 * Loads what was given as current once more, behind the answer. Another answer tells of a tag that is missing, or of
 * somebody who writes past us, unless a bump of it came meanwhile. Nothing is kept of it.
 */
export async function auditCopy(
  { telemetry, known, mismatched }: Pick<SharedCachePorts, "telemetry" | "known" | "mismatched">,
  { key, load, flight }: SharedRequest,
  given: CacheEntry,
): Promise<void> {
  try {
    const entry = await load({ as: "proven", before: given });
    const now = flight.now();
    // By bumps alone: that its time is over says nothing.
    const wasTold =
      whyNotCurrent({ ...given, freshUntil: now + 1 }, known(now), now, Number.POSITIVE_INFINITY) !== undefined;
    const isOlder = entry.proof.provenThrough < given.proof.provenThrough;
    const isMismatch = entry.hash !== given.hash && !wasTold && !isOlder;
    telemetry.audited(isMismatch ? "mismatch" : "same");
    if (isMismatch) mismatched(key);
  } catch {
    telemetry.audited("failed");
  }
}
