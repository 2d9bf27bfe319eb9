/** Load that goes on until it is stopped: requests leave on time, whatever becomes of those before them. */
export interface OpenLoop<T> {
  /** All answers so far and those still under way. */
  stop(): Promise<T[]>;
}

export function openLoop<T>(perSecond: number, send: () => Promise<T>): OpenLoop<T> {
  const sent: Promise<T>[] = [];
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000);
    while (sent.length < due) sent.push(send());
  }, 5);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(sent);
    },
  };
}
