import type { History, Logged, OutcomeOperation, WriteOperation } from "./history.ts";

/** What became of each write on the lines of history that followed. */
export interface Fates {
  /** The first epoch on whose line it was missing; undefined: it is on all that are known. */
  lostIn(write: WriteOperation | OutcomeOperation): number | undefined;
  /** Somebody looked at what that epoch began with. */
  isKnown(epoch: number): boolean;
  /** How often it is in the final log; undefined: there is none. */
  timesKept(key: string, value: number): number | undefined;
  /** On some line that was looked at. */
  wasEverThere(key: string, value: number): boolean;
}

export function fatesOf({ lines, finalLog }: History): Fates {
  const onLines = lines.map(({ epoch, log }) => ({ epoch, has: new Set(log.map(nameOf)) }));
  const kept = finalLog && countByName(finalLog);
  return {
    lostIn: ({ key, value, epoch }) => {
      if (epoch === null) return undefined;
      return onLines.find((line) => line.epoch > epoch && !line.has.has(nameOf({ key, value })))?.epoch;
    },
    isKnown: (epoch) => onLines.some((line) => line.epoch === epoch),
    timesKept: (key, value) => kept?.get(nameOf({ key, value })) ?? (kept ? 0 : undefined),
    wasEverThere: (key, value) => {
      const name = nameOf({ key, value });
      return (kept?.has(name) ?? false) || onLines.some(({ has }) => has.has(name));
    },
  };
}

function countByName(log: readonly Logged[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const logged of log) counts.set(nameOf(logged), (counts.get(nameOf(logged)) ?? 0) + 1);
  return counts;
}

function nameOf({ key, value }: Logged): string {
  return `${key} ${value}`;
}
