/** `expired 12, cold 3`, the most first. */
export function inWords(counts: Readonly<Record<string, number>>): string {
  const most = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return most.map(([name, count]) => `${name} ${count}`).join(", ");
}
