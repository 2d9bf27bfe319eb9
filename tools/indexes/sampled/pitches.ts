import {
  deleteDocument,
  documentById,
  fullPitch,
  insertDocument,
  lockPitch,
} from "../../../src/marketplace/queries/documents.ts";
import { browsePitches, type Filters, type Sort, searchPitches } from "../../../src/marketplace/queries/listPitches.ts";
import { forgetViews } from "../../../src/marketplace/queries/nightly.ts";
import {
  insertPitch,
  ownPitch,
  pitchFacts,
  publishedPitch,
  setPitchStatus,
  updatePitch,
  visiblePitch,
} from "../../../src/marketplace/queries/pitches.ts";
import { publishedBy } from "../../../src/marketplace/queries/profiles.ts";
import {
  creatorDashboard,
  foldStatistics,
  genreCounts,
  trendingPitches,
} from "../../../src/marketplace/queries/statistics.ts";
import { countView } from "../../../src/marketplace/queries/views.ts";
import { type Sample, samplesOf } from "../sample.ts";
import type { Samples } from "../samples.ts";
import { BATCH, FIRST_PAGE, freshDigest, freshId } from "./fresh.ts";

/** Days of a dashboard's chart, and pitches it names. */
const CHART_MS = 30 * 86_400_000;
const TOP_PITCHES = 5;

/** Pitches, their lists, searching, and their statistics. */
export function pitchReads(samples: Samples): readonly Sample[] {
  const { pitches, security, agreements } = samples;
  const { published, draft, documents, creators } = pitches;
  const { nowMs } = security;
  const stranger = agreements.inForce;
  const firstDay = dayOf(nowMs - CHART_MS);
  return [
    ...samplesOf(
      {
        common: publishedPitch(published.common.id),
        rare: publishedPitch(published.rare.id),
        none: publishedPitch(draft.id),
      },
      "published",
    ),
    ...samplesOf(
      { common: visiblePitch(published.common.id, stranger.userId), none: visiblePitch(draft.id, stranger.userId) },
      "visible",
    ),
    ...samplesOf({ common: ownPitch(draft.id, draft.creatorId), none: ownPitch(draft.id, stranger.userId) }),
    ...samplesOf({ common: pitchFacts(draft.id) }),
    ...samplesOf({
      common: fullPitch(documents.common.pitchId, stranger.userId, nowMs),
      rare: fullPitch(documents.rare.pitchId, stranger.userId, nowMs),
    }),
    ...samplesOf({
      common: documentById(documents.common.id, documents.common.pitchId),
      none: documentById(documents.common.id, draft.id),
    }),
    ...samplesOf({
      common: publishedBy(creators.common, FIRST_PAGE),
      rare: publishedBy(creators.rare, FIRST_PAGE),
      deep: publishedBy(creators.common, { ...FIRST_PAGE, after: pitches.deepOfCreator }),
    }),
    ...browsing(samples, "newest"),
    ...browsing(samples, "popular"),
    ...searching(samples),
    ...samplesOf({
      common: creatorDashboard(creators.common, firstDay, TOP_PITCHES),
      rare: creatorDashboard(creators.rare, firstDay, TOP_PITCHES),
    }),
    ...samplesOf({ common: trendingPitches(FIRST_PAGE.limit) }),
    ...samplesOf({ common: genreCounts() }),
  ];
}

/** What they write. */
export function pitchWrites({ pitches, security, agreements }: Samples): readonly Sample[] {
  const { nowMs } = security;
  const { draft, published, documents } = pitches;
  const { id: pitchId, creatorId: userId } = draft;
  const id = freshId(nowMs);
  const text = {
    title: "Sample",
    logline: "A sample meets its numbers.",
    genre: "drama",
    format: "feature",
    stage: "script",
  } as const;
  const document = {
    id,
    pitchId,
    userId,
    kind: "script",
    title: "Sample",
    storageKey: id,
    bytes: 1,
    createdMs: nowMs,
  } as const;
  const view = { day: dayOf(nowMs), viewer: freshDigest().slice(0, 32), accountId: agreements.inForce.userId };
  return [
    ...samplesOf({ common: insertPitch({ id, userId, ...text, createdMs: nowMs }) }),
    ...samplesOf({ common: updatePitch(pitchId, userId, text, nowMs) }),
    ...samplesOf({ common: setPitchStatus(pitchId, userId, "published", nowMs) }),
    ...samplesOf({ common: lockPitch(pitchId, userId) }),
    ...samplesOf({ common: insertDocument(document) }),
    ...samplesOf({ common: deleteDocument(documents.common.id, documents.common.pitchId, documents.common.creatorId) }),
    ...samplesOf({
      common: countView({ ...view, pitchId: published.common.id }),
      rare: countView({ ...view, pitchId: published.rare.id }),
    }),
    ...samplesOf({ common: forgetViews(BATCH) }),
    ...samplesOf({ common: foldStatistics(nowMs, BATCH) }),
  ];
}

/** Shapes are `newest`, `popular`, `newest+genre`, … */
function browsing({ pitches }: Samples, sort: Sort): readonly Sample[] {
  return pitches.filters.flatMap(({ shape, values, deep }) => {
    const first = (filters: Filters) => browsePitches({ sort, filters, page: FIRST_PAGE });
    return samplesOf(
      {
        common: first(values.common),
        ...(shape === "" ? {} : { rare: first(values.rare) }),
        deep: browsePitches({ sort, filters: values.common, page: { ...FIRST_PAGE, after: deep[sort] } }),
      },
      [sort, ...(shape === "" ? [] : [shape])].join("+"),
    );
  });
}

/**
 * Shapes are `words` (found by their age), `rare-words` (found by an index), `dearest-words` (either way), those with
 * filters (`words+genre`, `rare-words+filters`, …), `several` and `excluding`.
 */
function searching({ words, pitches }: Samples): readonly Sample[] {
  const search = (q: string, filters: Filters = {}) => searchPitches({ q, filters, page: FIRST_PAGE });
  const filtersOf = (wanted: string) => pitches.filters.find(({ shape }) => shape === wanted)?.values;
  const [genre, all] = [filtersOf("genre"), filtersOf("genre+format+stage")];
  const { common, mid, dearest, rare, none, deep } = words;
  return [
    ...samplesOf(
      {
        common: search(common),
        mid: search(mid),
        deep: searchPitches({ q: common, filters: {}, page: { ...FIRST_PAGE, after: deep } }),
      },
      "words",
    ),
    ...samplesOf({ rare: search(rare), none: search(none) }, "rare-words"),
    ...samplesOf({ mid: search(dearest) }, "dearest-words"),
    ...samplesOf({ common: search(`${common} or ${mid}`), rare: search(`${common} ${mid}`) }, "several"),
    ...samplesOf(
      { common: search(common, genre?.common), mid: search(mid, genre?.common), rare: search(common, genre?.rare) },
      "words+genre",
    ),
    ...samplesOf({ mid: search(dearest, genre?.common) }, "dearest-words+genre"),
    ...samplesOf(
      { common: search(common, all?.common), mid: search(mid, all?.common), rare: search(common, all?.rare) },
      "words+genre+format+stage",
    ),
    // The index finds of each that there is something, and of both together that there is nothing.
    ...samplesOf({ rare: search(rare, genre?.common), none: search(rare, all?.rare) }, "rare-words+filters"),
    ...samplesOf({ common: search(`${common} -${mid}`), rare: search(`${rare} -${common}`) }, "excluding"),
  ];
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
