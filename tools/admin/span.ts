/** How long something lasted, for people: `4.2 s`, `5 min`, `3 h`; empty where nobody knows. */
export function span(ms: number | null | undefined): string {
  if (ms === undefined || ms === null) return "";
  const s = ms / 1_000;
  if (s < 120) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  return s < 7_200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3_600)} h`;
}
