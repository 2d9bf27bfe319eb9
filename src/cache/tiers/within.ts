/** What did not end in time. */
export const LATE = Symbol("late");

/** What the work gives, or `LATE`. It goes on meanwhile, and whatever becomes of it then is nobody's. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  const { promise: late, resolve } = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(() => resolve(LATE), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
