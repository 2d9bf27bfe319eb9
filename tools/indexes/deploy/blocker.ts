import { duration } from "./quantities.ts";

/** Somebody's transaction that stands in the way of a build. */
export interface Blocker {
  /** Null for a prepared transaction, which has no backend. */
  readonly pid: number | null;
  /** Null where this role may not see it. */
  readonly ageMs: number | null;
  readonly state: string | null;
  /** The head of what it sent last. */
  readonly query: string | null;
  readonly application: string | null;
}

/** `pid 4711 (psql), idle in transaction 6m08s, "UPDATE …"`. */
export function blockerText({ pid, ageMs, state, query, application }: Blocker): string {
  const who = pid === null ? "a prepared transaction" : `pid ${pid}`;
  const name = application ? ` (${application})` : "";
  if (state === null && query === null && ageMs === null) {
    return `${who}${name}, whose work this role may not see: grant it pg_read_all_stats`;
  }
  const age = ageMs === null ? "" : ` ${duration(ageMs)}`;
  const head = query?.replace(/\s+/g, " ").trim();
  return `${who}${name}, ${state ?? "open"}${age}${head ? `, "${head}"` : ""}`;
}
