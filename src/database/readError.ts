import { DatabaseError } from "./errors.ts";
import type { Attempt } from "./requestScope.ts";
import type { ResultSet } from "./transport.ts";

/** What a read ends with after its last attempt; undefined: there was no time for any. */
export function readError(last: (Attempt<ResultSet> & { ok: false }) | undefined, query: string): DatabaseError {
  if (!last) return new DatabaseError("deadline", "No time was left to ask the database.", { query });
  const details = { query, cause: last.failure };
  switch (last.judgement.class) {
    case "caller":
      return new DatabaseError("query", `The query ${query} was refused: ${last.failure.message}`, details);
    case "configuration":
      return new DatabaseError("configuration", `A node refuses our credentials or database name.`, details);
    case "slow":
    case "abort":
      return new DatabaseError("deadline", `No node answered ${query} in time.`, { ...details, retryAfterMs: 1_000 });
    case "infrastructure":
    case "conflict":
    case "role":
      return new DatabaseError("unavailable", `No node could answer ${query}.`, { ...details, retryAfterMs: 1_000 });
    default:
      return last.judgement.class satisfies never;
  }
}
