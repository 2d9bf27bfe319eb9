import { DAY_MS, DOCUMENTS_PER_PITCH } from "./constants.ts";
import { momentBetween } from "./moments.ts";
import type { Pitch } from "./pitches.ts";
import { countFor } from "./popularity.ts";
import type { Random } from "./random.ts";
import { timedId } from "./timedId.ts";

/** A row of `pitch_documents`. */
export interface PitchDocument {
  readonly id: string;
  readonly pitchId: string;
  readonly kind: string;
  readonly title: string;
  readonly bytes: number;
  readonly createdAt: number;
}

/** In the order in which a project gets them, with a usual size. */
const KINDS = [
  ["script", "Script", 300_000],
  ["treatment", "Treatment", 90_000],
  ["deck", "Pitch deck", 6_000_000],
  ["budget", "Budget", 60_000],
  ["schedule", "Shooting schedule", 40_000],
  ["other", "Letter of intent", 120_000],
] as const;

/** Later versions of a document a pitch may have. */
const MOST_DOCUMENTS = 12;

/** The documents of a pitch, uploaded in its first quarter of a year: the usual ones first, then newer versions of them. */
export function makeDocuments(pitch: Pitch, random: Random, baseMs: number): readonly PitchDocument[] {
  const wanted = Math.min(MOST_DOCUMENTS, countFor(pitch, DOCUMENTS_PER_PITCH, random));
  const until = Math.min(baseMs, pitch.createdAt + 90 * DAY_MS);
  const moments = Array.from({ length: wanted }, () => momentBetween(pitch.createdAt, until, random, 2)).sort(
    (a, b) => a - b,
  );
  return moments.map((createdAt, index) => {
    const [kind, title, usual] = KINDS[index % KINDS.length] ?? KINDS[0];
    const version = 1 + Math.floor(index / KINDS.length);
    return {
      id: timedId(createdAt, random),
      pitchId: pitch.id,
      kind,
      title: version === 1 ? title : `${title}, version ${version}`,
      bytes: Math.ceil(Math.min(2 ** 31, (usual / 2) * random.pareto(1.5))),
      createdAt,
    };
  });
}
