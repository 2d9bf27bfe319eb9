import { IndexError } from "./deploy/indexError.ts";

/** What a database says that cannot be asked what was asked, and what to do; `$` is the name in its own words. */
const SENTENCES: Readonly<Record<string, string>> = {
  "42P01": "The database has no $: it is another application's, or has not been migrated (`npm run cli -- migrate`).",
  "42703": "The database lacks the column $: it is another application's, or of another version.",
  "42883": "The database lacks the function $: it is another application's, or of another version.",
  "3F000": "The database has no schema $: it has not been migrated (`npm run cli -- migrate`).",
  "42501": "This user may not read $: use the tables' owner, or `GRANT pg_read_all_data TO` this one.",
  "57014": "The database took too long for one statement: try again when it has less to do.",
  "55P03": "Somebody holds a lock on a table that has to be looked at: try again when they are done.",
  "25006": "That database takes no writes: give the primary's address.",
  "53100": "The database's disk is full.",
  "57P01": "The server ended the session: somebody shut it down.",
  "57P02": "The server ended the session: it crashed.",
};
const LOST = "The connection to the database was lost: try again.";

/** Does some work on databases; what they refuse is thrown as an `IndexError` of one sentence, ours as they are. */
export async function inSentences<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const sentence = sentenceOf(cause);
    throw sentence === undefined ? cause : new IndexError("refused", sentence, { cause });
  }
}

/** What a refused statement means; undefined where it is no database's error. */
export function sentenceOf(error: unknown): string | undefined {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (/^Connection terminated|^Client has encountered a connection error/.test(message) || code === "ECONNRESET") {
    return LOST;
  }
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const name = /"([^"]+)"/.exec(message)?.[1] ?? /(?:^column |^function |denied for \w+ )(\S+)/.exec(message)?.[1];
  return SENTENCES[code]?.replace("$", () => name ?? "that") ?? `The database refuses (${code}): ${message}.`;
}
