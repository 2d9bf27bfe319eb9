/** What is to be done, and not before so long after the beginning. */
interface Turn {
  readonly afterMs: number;
}

/** A few at a time, each not before its moment and none after the end; `late`: those whose turn never came. */
export async function inTurn<Each extends Turn, End>(
  turns: readonly Each[],
  { lanes, endAt }: { readonly lanes: number; readonly endAt: number },
  run: (each: Each) => Promise<End>,
): Promise<{ readonly ends: End[]; readonly late: Each[] }> {
  const startedAt = Date.now();
  const queue = [...turns];
  const ends: End[] = [];
  const late: Each[] = [];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const waitMs = startedAt + next.afterMs - Date.now();
      if (waitMs > 0)
        await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, Math.max(0, endAt - Date.now()))));
      if (Date.now() >= endAt) late.push(next);
      else ends.push(await run(next));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { ends, late };
}
