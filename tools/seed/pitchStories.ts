import { type Agreements, makeAgreements } from "./agreements.ts";
import type { Cast } from "./cast.ts";
import { makeDocuments, type PitchDocument } from "./documents.ts";
import { type Investment, makeInvestments } from "./investments.ts";
import type { Like } from "./likes.ts";
import { pitchNews, threadNews } from "./news.ts";
import { makeNotices, type Notice } from "./notices.ts";
import { chartedDays, makePitchDays, type PitchDay } from "./pitchDays.ts";
import type { Pitch } from "./pitches.ts";
import { makeSaves, type Save } from "./saves.ts";
import { stream } from "./stream.ts";
import { makePitchThreads, type Thread } from "./threads.ts";
import { makeTraces, ndaDeeds, type Trace } from "./traces.ts";

/** What happened around a pitch. */
export interface PitchStory extends Agreements {
  readonly documents: readonly PitchDocument[];
  readonly saves: readonly Save[];
  readonly days: readonly PitchDay[];
  readonly investments: readonly Investment[];
  readonly threads: readonly Thread[];
  readonly notices: readonly Notice[];
  readonly traces: readonly Trace[];
}

/** Tells of one pitch after the other, always in the same order: each kind of event has a stream of its own. */
export function tellPitches(
  cast: Cast,
  seed: number,
  baseMs: number,
): (pitch: Pitch, likes: readonly Like[]) => PitchStory {
  const random = {
    documents: stream(seed, "documents"),
    agreements: stream(seed, "agreements"),
    saves: stream(seed, "saves"),
    days: stream(seed, "days"),
    investments: stream(seed, "investments"),
    threads: stream(seed, "pitch threads"),
    notices: stream(seed, "pitch notices"),
    traces: stream(seed, "pitch traces"),
  };
  const charted = chartedDays(baseMs);
  return (pitch, likes) => {
    const agreements = makeAgreements(pitch, cast.backers, random.agreements, baseMs);
    const investments = makeInvestments(pitch, agreements, cast.investors, random.investments, baseMs);
    const threads = makePitchThreads(pitch, agreements, investments, random.threads, baseMs);
    const news = [...pitchNews(pitch, likes, agreements, investments), ...threads.flatMap(threadNews)];
    return {
      ...agreements,
      documents: makeDocuments(pitch, random.documents, baseMs),
      saves: makeSaves(pitch, cast.everyone, random.saves, baseMs),
      days: makePitchDays(pitch, charted, random.days, baseMs),
      investments,
      threads,
      notices: makeNotices(news, random.notices, baseMs),
      traces: makeTraces(ndaDeeds(agreements.requests), random.traces, baseMs),
    };
  };
}
