import type { Sample, SampledQuery } from "./sample.ts";
import { agreementReads, agreementWrites } from "./sampled/agreements.ts";
import { coreReads, coreWrites } from "./sampled/core.ts";
import { peopleReads, peopleWrites } from "./sampled/people.ts";
import { pitchReads, pitchWrites } from "./sampled/pitches.ts";
import { securityReads, securityWrites } from "./sampled/security.ts";
import { threadReads, threadWrites } from "./sampled/threads.ts";
import type { Samples } from "./samples.ts";

const READS = [securityReads, pitchReads, peopleReads, agreementReads, threadReads, coreReads];
const WRITES = [securityWrites, pitchWrites, peopleWrites, agreementWrites, threadWrites, coreWrites];

/**
 * Every named query of the application with values that a database really has, made by the application's own functions.
 * `unsampledQueries()` tells which are missing. Reads first; a name once. Ids of rows to be made are new at each call.
 */
export function sampledQueries(samples: Samples): readonly SampledQuery[] {
  return [
    ...byName(
      "read",
      READS.flatMap((take) => take(samples)),
    ),
    ...byName(
      "write",
      WRITES.flatMap((take) => take(samples)),
    ),
  ];
}

function byName(kind: SampledQuery["kind"], samples: readonly Sample[]): readonly SampledQuery[] {
  const names = Map.groupBy(samples, ({ query }) => query.name);
  return [...names].map(([name, of]) => ({ name, kind, samples: of }));
}
