import { forgetRequests, newestMark } from "../../../src/database/maintenance.ts";
import { markById, recordedRequest } from "../../../src/database/statements.ts";
import { type Sample, samplesOf } from "../sample.ts";
import type { Samples } from "../samples.ts";
import { BATCH, freshDigest, freshId } from "./fresh.ts";

/** What the core looks up in its own tables on behalf of a request. They bring their indexes along. */
export function coreReads({ security: { nowMs } }: Samples): readonly Sample[] {
  return [
    ...samplesOf({ none: markById(freshId(nowMs)) }),
    ...samplesOf({ none: recordedRequest(freshDigest()) }),
    ...samplesOf({ common: newestMark }),
  ];
}

/** What its crons delete there. */
export function coreWrites({ security }: Samples): readonly Sample[] {
  return samplesOf({ common: forgetRequests(security.nowMs, BATCH) });
}
