import { FOLLOWS_TAIL, MOST_FOLLOWS, WRITES_AFTER_FOLLOW_SHARE } from "./constants.ts";
import type { Crowd } from "./crowd.ts";
import { momentBetween } from "./moments.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { makeThread, type Thread } from "./threads.ts";

/** A row of `follows`. */
export interface Follow {
  readonly followerId: string;
  readonly creatorId: string;
  readonly createdAt: number;
}

/** Whom somebody follows: creators, the busy ones before all. */
export function makeFollows(follower: Person, creators: Crowd, random: Random, baseMs: number): readonly Follow[] {
  const wanted = Math.min(MOST_FOLLOWS, Math.floor(random.pareto(FOLLOWS_TAIL)));
  return creators.some(wanted, random, follower.id).map((creator) => {
    const since = Math.max(follower.createdAt, creator.createdAt);
    return { followerId: follower.id, creatorId: creator.id, createdAt: momentBetween(since, baseMs, random) };
  });
}

/** Backers write to some of those they follow. Creators do not: two who follow each other would have two threads. */
export function makeFollowThreads(
  follower: Person,
  follows: readonly Follow[],
  random: Random,
  baseMs: number,
): readonly Thread[] {
  if (follower.role === "creator") return [];
  return follows.flatMap(({ followerId, creatorId, createdAt }) => {
    if (random.next() >= WRITES_AFTER_FOLLOW_SHARE) return [];
    return makeThread({ writerId: followerId, readerId: creatorId, sinceMs: createdAt }, random, baseMs) ?? [];
  });
}
