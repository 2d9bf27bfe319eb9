const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** `250ms`, `5s`, `2m` in milliseconds; undefined when it is none of these, or more than an hour. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,7})(ms|s|m)$/.exec(text);
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
  return ms <= 3_600_000 ? ms : undefined;
}
