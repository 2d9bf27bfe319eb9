/** How long the Worker takes to answer what touches nothing: on a quiet machine a few milliseconds. */
export async function lateness(url: string): Promise<number> {
  const startedAt = performance.now();
  await (await fetch(`${url}/health/live`)).text();
  return performance.now() - startedAt;
}

/** The longest that it took, asked ten times a second while this work is under way. */
export async function latenessDuring<T>(url: string, work: () => Promise<T>): Promise<{ value: T; lateMs: number }> {
  let lateMs = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      lateMs = Math.max(lateMs, await lateness(url));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const watching = watch();
  try {
    const value = await work();
    return { value, lateMs };
  } finally {
    isOver = true;
    await watching;
  }
}
