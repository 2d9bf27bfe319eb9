import { ANALYZE_MS, NIGHTLY_AGAIN_MS, NIGHTLY_OVERDUE_MS } from "./constants.ts";

/** What a cron does, or why it does nothing. */
type Plan<Step extends string> =
  | { readonly do: Step; readonly reason?: undefined }
  | { readonly do: "skip"; readonly reason: string };

/** What is known of the primary before anybody asks it. */
export interface PrimaryFacts {
  /** Asking it would wake it. */
  readonly isAsleep: boolean;
  readonly isOpen: boolean;
}

interface FiveMinuteFacts extends PrimaryFacts {
  /** Time left for this run. */
  readonly leftMs: number;
  /** The greatest mark when statistics were last taken; null: not known. */
  readonly lastMark: string | null;
  /** The greatest mark now; null: there is none; undefined: nobody asked yet. */
  readonly newestMark?: string | null;
}

interface FiveMinutePlan {
  /** Whether to send what the application keeps up to date: it knows best whether there is anything to do. */
  readonly refresh: Plan<"run">;
  /** `ask` for the newest mark, then plan again. */
  readonly statistics: Plan<"ask" | "refresh">;
}

/**
 * What the five-minute cron does: statistics only if something was written since they were last taken. The refresh is
 * not held to that: a write whose mark hides behind another's would stay uncounted until the next one.
 */
export function planFiveMinutes(facts: FiveMinuteFacts): FiveMinutePlan {
  const reason = untouchable(facts);
  return {
    refresh: reason === undefined ? { do: "run" } : { do: "skip", reason },
    statistics: planStatistics(facts),
  };
}

function planStatistics({
  isAsleep,
  isOpen,
  leftMs,
  lastMark,
  newestMark,
}: FiveMinuteFacts): FiveMinutePlan["statistics"] {
  const reason = untouchable({ isAsleep, isOpen });
  if (reason !== undefined) return { do: "skip", reason };
  if (leftMs < ANALYZE_MS) return { do: "skip", reason: "no time is left" };
  if (newestMark === undefined) return { do: "ask" };
  if (newestMark === null) return { do: "skip", reason: "nothing was written yet" };
  if (newestMark === lastMark) return { do: "skip", reason: "nothing was written since the last run" };
  return { do: "refresh" };
}

interface NightlyFacts extends PrimaryFacts {
  readonly now: number;
  /** When the nightly cron last ended well; null: never, or not known. */
  readonly lastSuccessAt: number | null;
  /** When it was last begun, however that ended. */
  readonly lastBegunAt: number | null;
  /** The nightly trigger fired; otherwise another cron asks whether it was missed. */
  readonly isScheduled: boolean;
}

/**
 * Whether to do the nightly work. A database that sleeps at that hour is left asleep, and done when it is found awake
 * more than 26 hours after the last good run: one that sleeps every night would otherwise never be cleaned up.
 */
export function planNightly({ now, lastSuccessAt, lastBegunAt, isScheduled, ...primary }: NightlyFacts): Plan<"run"> {
  const reason = untouchable(primary);
  if (reason !== undefined) return { do: "skip", reason };
  if (isScheduled) return { do: "run" };
  if (lastSuccessAt !== null && now - lastSuccessAt <= NIGHTLY_OVERDUE_MS) {
    return { do: "skip", reason: "it was done within the last day" };
  }
  if (lastBegunAt !== null && now - lastBegunAt <= NIGHTLY_AGAIN_MS) {
    return { do: "skip", reason: "it was tried within the last hour" };
  }
  return { do: "run" };
}

function untouchable({ isAsleep, isOpen }: PrimaryFacts): string | undefined {
  if (isAsleep) return "the database is asleep";
  return isOpen ? "the database does not answer" : undefined;
}
