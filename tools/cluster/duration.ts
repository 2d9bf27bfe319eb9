const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `250ms`, `5s`, `2m`, `1h` in milliseconds; undefined when it is none of these, or more than `mostMs`: an hour. */
export function parseDuration(text: string, mostMs = 3_600_000): number | undefined {
  const match = /^(\d{1,7})(ms|s|m|h)$/.exec(text);
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
  return ms <= mostMs ? ms : undefined;
}
