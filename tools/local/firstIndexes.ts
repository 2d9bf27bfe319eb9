import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import type { Phase } from "../../sql/indexes/entry.ts";
import { deploy } from "../indexes/deploy/deploy.ts";
import { IndexError } from "../indexes/deploy/indexError.ts";
import { USUAL_LIMITS } from "../indexes/deploy/limits.ts";
import { connect } from "../migrate/connect.ts";

/** What signing in and browsing need; more is an operator's decision. */
const PHASE: Phase = 1;

/**
 * Deploys phase 1 of the catalogue on a database without data, by the same steps as the command. Before the seeding:
 * what is interrupted in between is still empty at the next start, and goes on. Any other database is left as it is.
 * Returns what was not possible, in a sentence.
 */
export async function firstIndexes(connectionString: string): Promise<string | undefined> {
  if (!(await isEmpty(connectionString))) return undefined;
  const signal = new AbortController().signal;
  const run = {
    connectionString,
    limits: { ...USUAL_LIMITS, restMs: 0 }, // nobody visits yet
    report: () => {},
    signal,
  };
  try {
    const { isComplete } = await deploy({ ...run, entries: ENTRIES, phase: PHASE });
    return isComplete ? undefined : later("some could not be built");
  } catch (error) {
    // Slower without, but whole: no reason not to start.
    if (error instanceof IndexError) return later(error.message);
    throw error;
  }
}

function later(why: string): string {
  return `the indexes of phase ${PHASE} are not complete (${why}): npm run cli -- indexes deploy --phase ${PHASE}`;
}

async function isEmpty(connectionString: string): Promise<boolean> {
  const client = await connect(connectionString);
  try {
    const { rows } = await client.query<{ filled: boolean }>(
      "SELECT EXISTS (SELECT FROM public.pitches) OR EXISTS (SELECT FROM public.users) AS filled",
    );
    return rows[0]?.filled === false;
  } finally {
    await client.end();
  }
}
