/** What an error of a build or a drop means for what to do next. */
export type FailureKind =
  | "blocked"
  | "lost"
  | "cancelled"
  | "duplicates"
  | "space"
  | "exists"
  | "refused"
  | "impossible";

const BY_CODE: Readonly<Record<string, FailureKind>> = {
  "23505": "duplicates",
  "53100": "space",
  "53400": "space",
  "53200": "space",
  "57014": "cancelled",
  "57P01": "lost",
  "57P02": "lost",
  "57P03": "lost",
  "57P05": "lost",
  "40P01": "blocked",
  "55P03": "blocked",
  "42P07": "exists",
  "42704": "exists",
  "25006": "refused",
  "42501": "refused",
};

/** By SQLSTATE; without one, the connection is what failed, unless the mistake is our own. */
export function failureOf(error: unknown): FailureKind {
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) return "impossible";
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return "lost";
  return BY_CODE[code] ?? (code.startsWith("08") ? "lost" : "impossible");
}
