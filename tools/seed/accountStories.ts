import type { Cast } from "./cast.ts";
import { type Follow, makeFollows, makeFollowThreads } from "./follows.ts";
import { followNews, threadNews } from "./news.ts";
import { makeNotices, type Notice } from "./notices.ts";
import { makeResets, type Reset } from "./passwordResets.ts";
import type { Person } from "./people.ts";
import { makeSessions, type Session } from "./sessions.ts";
import { stream } from "./stream.ts";
import type { Thread } from "./threads.ts";
import { accountDeeds, makeTraces, type Trace } from "./traces.ts";

/** What an account did, apart from pitches. */
export interface AccountStory {
  readonly follows: readonly Follow[];
  readonly threads: readonly Thread[];
  readonly resets: readonly Reset[];
  readonly sessions: readonly Session[];
  readonly notices: readonly Notice[];
  readonly traces: readonly Trace[];
}

/** Tells of one account after the other, always in the same order: each kind of event has a stream of its own. */
export function tellAccounts(cast: Cast, seed: number, baseMs: number): (person: Person) => AccountStory {
  const random = {
    follows: stream(seed, "follows"),
    threads: stream(seed, "follow threads"),
    resets: stream(seed, "password resets"),
    sessions: stream(seed, "sessions"),
    notices: stream(seed, "account notices"),
    traces: stream(seed, "account traces"),
  };
  return (person) => {
    const follows = makeFollows(person, cast.creators, random.follows, baseMs);
    const threads = makeFollowThreads(person, follows, random.threads, baseMs);
    const resets = makeResets(person, random.resets, baseMs);
    const sessions = makeSessions(person, resets, random.sessions, baseMs);
    const news = [...followNews(follows), ...threads.flatMap(threadNews)];
    return {
      follows,
      threads,
      resets,
      sessions,
      notices: makeNotices(news, random.notices, baseMs),
      traces: makeTraces(accountDeeds(sessions, resets), random.traces, baseMs),
    };
  };
}
