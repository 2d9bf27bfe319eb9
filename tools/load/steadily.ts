/** Open-loop load: requests leave on time, whatever becomes of those before them. */
export interface Load<T> {
  /** All answers, once the last one is there. A request that rejects rejects it. */
  readonly answers: Promise<T[]>;
  /** Does something that long after the start. */
  after(ms: number, work: () => Promise<unknown>): Promise<void>;
}

/** `perSecond` requests for `forMs` milliseconds. */
export function steadily<T>(perSecond: number, forMs: number, send: () => Promise<T>): Load<T> {
  const startedAt = performance.now();
  const at = async (ms: number) => {
    const wait = startedAt + ms - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  };
  const count = Math.floor((perSecond * forMs) / 1_000);
  const answers = Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await at((index * 1_000) / perSecond);
      return send();
    }),
  );
  answers.catch(() => {}); // whoever awaits it hears of it
  return {
    answers,
    after: async (ms, work) => {
      await at(ms);
      await work();
    },
  };
}
