/** Arrivals at random moments, so many a second, until they are stopped: they wait for nobody's answer. */
export function poisson(perSecond: number, random: () => number, arrive: () => void): { stop(): void } {
  let dueMs = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = () => {
    dueMs += (-Math.log(1 - random()) * 1_000) / perSecond;
    timer = setTimeout(
      () => {
        arrive();
        next();
      },
      Math.max(0, dueMs - performance.now()),
    );
  };
  next();
  return { stop: () => clearTimeout(timer) };
}
