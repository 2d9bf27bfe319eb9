import { describe, expect, it } from "vitest";
import { IndexError } from "../../../../../tools/indexes/deploy/indexError.ts";
import { inSentences } from "../../../../../tools/indexes/inSentences.ts";

const refusal = (code: string, message: string) => Object.assign(new Error(message), { code });

describe("what a database refuses", () => {
  it.each([
    ["42P01", 'relation "sessions" does not exist', /^The database has no sessions: .*npm run cli -- migrate/],
    ["42P01", 'relation "a $& b" does not exist', /^The database has no a \$& b:/],
    ["42703", "column p.user_id does not exist", /lacks the column p\.user_id/],
    ["42883", "function twice(integer) does not exist", /lacks the function twice\(integer\)/],
    ["42501", "permission denied for table users", /may not read users:.*GRANT pg_read_all_data/],
    ["42501", "permission denied for schema breakwater", /may not read breakwater:/],
    ["57014", "canceling statement due to statement timeout", /took too long/],
    ["55P03", "canceling statement due to lock timeout", /holds a lock/],
    ["57P01", "terminating connection due to administrator command", /ended the session/],
    ["ECONNRESET", "read ECONNRESET", /connection to the database was lost/],
    ["", "Connection terminated unexpectedly", /connection to the database was lost/],
    ["XX000", "cache lookup failed", /^The database refuses \(XX000\): cache lookup failed\.$/],
  ])("is said in a sentence: %s %s", async (code, message, sentence) => {
    const refused = inSentences(() => Promise.reject(refusal(code, message)));
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toBeInstanceOf(IndexError);
  });

  it("is left as it is where it is no database's, or a sentence already", async () => {
    for (const error of [new TypeError("x is not a function"), new IndexError("refused", "No.")]) {
      await expect(inSentences(() => Promise.reject(error))).rejects.toBe(error);
    }
  });
});
