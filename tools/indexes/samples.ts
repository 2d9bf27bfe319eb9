import { type AgreementSamples, takeAgreements } from "./samples/agreements.ts";
import type { Asker } from "./samples/ask.ts";
import { type PeopleSamples, takePeople } from "./samples/people.ts";
import { type PitchSamples, takePitches } from "./samples/pitches.ts";
import { type SecuritySamples, takeSecurity } from "./samples/security.ts";
import { type ThreadSamples, takeThreads } from "./samples/threads.ts";
import { takeWords, type WordSamples } from "./samples/words.ts";

/** Values that a database really has: of each kind what most rows have, and what few have. */
export interface Samples {
  readonly security: SecuritySamples;
  readonly pitches: PitchSamples;
  readonly words: WordSamples;
  readonly agreements: AgreementSamples;
  readonly people: PeopleSamples;
  readonly threads: ThreadSamples;
}

/**
 * Takes samples of a database that is in use, where not everything has happened yet: of what there is none, values that
 * no row has. `missing` names it. Throws a `SampleError` where nothing is published.
 */
export async function takeSamplesInUse(
  client: Asker,
): Promise<{ readonly samples: Samples; readonly missing: readonly string[] }> {
  const missing = new Set<string>();
  const query = client.query.bind(client) as Asker["query"];
  const samples = await takeSamples({ query, onMissing: (what) => missing.add(what) });
  return { samples, missing: [...missing] };
}

/**
 * Takes samples from a seeded database, by reading all of it a few times: seconds for a million pitches. The same rows
 * give the same samples. Throws a `SampleError` where there is nothing to take one from.
 */
export async function takeSamples(client: Asker): Promise<Samples> {
  return {
    security: await takeSecurity(client),
    pitches: await takePitches(client),
    words: await takeWords(client),
    agreements: await takeAgreements(client),
    people: await takePeople(client),
    threads: await takeThreads(client),
  };
}
