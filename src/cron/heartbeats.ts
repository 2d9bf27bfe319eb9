import type { CronJournal } from "./journal.ts";

/** When the last run of a cron ended. */
export interface Heartbeat {
  readonly cron: string;
  readonly endedAt: number;
}

/**
 * The crons' heartbeats: of each when a run last came to its end, however that was. A lost one did not, and one that
 * failed or had nothing to do did: that the crons run is all that is told.
 */
export function heartbeats({ crons }: CronJournal): readonly Heartbeat[] {
  return crons.flatMap(({ cron, runs }) => {
    const ended = runs.flatMap(({ end }) => (end && end.outcome !== "lost" ? [end.at] : []));
    return ended.length > 0 ? [{ cron, endedAt: Math.max(...ended) }] : [];
  });
}
