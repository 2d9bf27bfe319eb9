/** A year: what an origin gives for longer is as good as that. */
const MAX_S = 31_536_000;

/** When an origin's answer was made, and how long it may be given, by its own headers (RFC 9111, 5861). */
interface OriginTimes {
  readonly loadedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly errorUntil: number;
}

/**
 * What an origin says of its answer, read as far as the tests need it: `s-maxage`, `max-age`, `Expires`, `Age` and what
 * RFC 5861 adds; `isShared` false: nobody may keep it. `receivedAt`: milliseconds since 1970.
 */
export function originPolicy(
  { headers }: Response,
  receivedAt: number,
): { readonly times: OriginTimes; readonly isShared: boolean } {
  const directives = directivesOf(headers.get("Cache-Control") ?? "");
  const secondsOf = (name: string) => {
    const value = directives.get(name);
    return value !== undefined && /^\d+$/.test(value) ? Math.min(MAX_S, Number(value)) : undefined;
  };
  const isShared = !["no-store", "private", "no-cache"].some((name) => directives.has(name));
  // Any of them forbids what is stale (RFC 9111, §4.2.4).
  const isStrict = ["s-maxage", "must-revalidate", "proxy-revalidate"].some((name) => directives.has(name));
  const lifeS = secondsOf("s-maxage") ?? secondsOf("max-age") ?? (directives.has("max-age") ? 0 : expiresS(headers));
  const [staleS, errorS] = ["stale-while-revalidate", "stale-if-error"].map((name) =>
    isStrict ? 0 : (secondsOf(name) ?? 0),
  ) as [number, number];
  const loadedAt = receivedAt - 1_000 * ageS(headers);
  const freshUntil = loadedAt + 1_000 * lifeS;
  const staleUntil = freshUntil + 1_000 * staleS;
  const errorUntil = Math.max(staleUntil, freshUntil + 1_000 * errorS);
  return { isShared, times: { loadedAt, freshUntil, staleUntil, errorUntil } };
}

/** By name; of a name that is given twice the first counts. */
function directivesOf(field: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", value = ""] of field.matchAll(/([\w-]+)(?:=("[^"]*"|[^\s,]*))?/g)) {
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value.replaceAll('"', ""));
  }
  return found;
}

function ageS(headers: Headers): number {
  const [age = ""] = (headers.get("Age") ?? "").split(",");
  return /^\d+$/.test(age.trim()) ? Math.min(MAX_S, Number(age)) : 0;
}

function expiresS(headers: Headers): number {
  const [expires, date] = [headers.get("Expires"), headers.get("Date")].map((text) => Date.parse(text ?? ""));
  const lifeS = ((expires ?? Number.NaN) - (Number.isNaN(date ?? Number.NaN) ? Date.now() : (date ?? 0))) / 1_000;
  return Number.isNaN(lifeS) ? 0 : Math.min(MAX_S, Math.max(0, lifeS));
}
