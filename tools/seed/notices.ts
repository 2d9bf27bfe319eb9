import type { NotificationKind } from "../../src/marketplace/lists.ts";
import { DAY_MS, NOTIFIED_FOR_MS } from "./constants.ts";
import { momentBetween } from "./moments.ts";
import type { News } from "./news.ts";
import type { Random } from "./random.ts";
import { timedId } from "./timedId.ts";

/** A row of `notifications`. */
export interface Notice {
  readonly id: string;
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly actorId: string;
  readonly pitchId: string | undefined;
  readonly subjectId: string | undefined;
  readonly createdAt: number;
  readonly readAt: number | undefined;
}

/** The notifications of what is young enough to be told. The older, the surer they have been read. */
export function makeNotices(news: readonly News[], random: Random, baseMs: number): readonly Notice[] {
  return news.flatMap((item) => {
    const { createdAt, readBy, pitchId, subjectId, ...rest } = item;
    if (createdAt < baseMs - NOTIFIED_FOR_MS) return [];
    return {
      ...rest,
      pitchId,
      subjectId,
      createdAt,
      id: timedId(createdAt, random),
      readAt: readAtOf(item, random, baseMs),
    };
  });
}

function readAtOf({ createdAt, readBy }: News, random: Random, baseMs: number): number | undefined {
  if (readBy === "unread") return undefined;
  const ageMs = baseMs - createdAt;
  const readShare = ageMs > 30 * DAY_MS ? 0.95 : ageMs > 7 * DAY_MS ? 0.8 : 0.4;
  if (readBy === undefined && random.next() >= readShare) return undefined;
  return momentBetween(createdAt, Math.min(baseMs, readBy ?? createdAt + 5 * DAY_MS), random, 2);
}
