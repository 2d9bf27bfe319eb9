import type { Committed, Idempotency } from "./database.ts";
import { DatabaseError } from "./errors.ts";
import { read } from "./read.ts";
import type { RequestScope } from "./requestScope.ts";
import { recordedRequest } from "./statements.ts";

/**
 * The result of the first attempt with this key, from the primary. Throws `idempotency-reused` when that attempt asked
 * for something else, `idempotency-busy` when the record is not there after all (it went away between two statements).
 */
export async function readRecorded<Result>(
  scope: RequestScope,
  keyHex: string,
  { fingerprint }: Idempotency,
): Promise<Committed<Result>> {
  const { rows, route } = await read(scope, recordedRequest(keyHex), { freshness: "strict" });
  const [record] = rows;
  if (!record) {
    throw new DatabaseError("idempotency-busy", "The record of this idempotency key just went away.", {
      retryAfterMs: 1_000,
    });
  }
  if (record.fingerprint !== fingerprint) {
    throw new DatabaseError("idempotency-reused", "This idempotency key came before with another request.");
  }
  // Written by the same code for the same route, whose fingerprint covers method and path.
  const result = record.result as Result | null;
  return { kind: "committed", mark: record.mark, changed: [], result, repeated: true, route };
}
