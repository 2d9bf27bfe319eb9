/** The sum, held at the largest whole number that is still exact: a total may stop growing, never fall. */
export function addSafely(a: number, b: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, a + b);
}
