/** One client of the cluster. Both methods reject where the read or write failed, within `WITHIN_MS`. */
export interface FailoverLane {
  readonly read: () => Promise<void>;
  readonly write: () => Promise<void>;
  /** Whether it has got over what happened before: a node that came back may be spared for a while. Default: at once. */
  readonly isSettled?: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Users leave after about three seconds; what takes longer has failed, whoever is asked. */
export const WITHIN_MS = 3_500;

/** Rejects after that time, whatever the work goes on to do. */
export async function withinTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("too late")), WITHIN_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
