import type { Client } from "pg";
import { connect } from "../../migrate/connect.ts";
import { IndexError } from "../deploy/indexError.ts";
import { inSentences } from "../inSentences.ts";
import { sampledQueries } from "../sampledQueries.ts";
import { SampleError } from "../sampleError.ts";
import { takeSamplesInUse } from "../samples.ts";
import { databaseFacts } from "./databaseFacts.ts";
import { commitFacts, machineFacts } from "./machineFacts.ts";
import { type MeasureOptions, measure } from "./measure.ts";
import type { Measurement } from "./measurement.ts";

export interface BaselineOptions extends MeasureOptions {
  readonly connectionString: string;
  readonly label: string;
}

/**
 * Measures every named query of the application on a database. Without writes the session is read-only to the server.
 * What the tables are like is read before, so that a table that is analysed meanwhile was not.
 */
export function takeBaseline(options: BaselineOptions): Promise<Measurement> {
  return inSentences(() => take(options));
}

async function take(options: BaselineOptions): Promise<Measurement> {
  const { connectionString, label, runs, hasWrites } = options;
  const client = await connect(connectionString);
  try {
    await client.query("SET search_path = public");
    await client.query(`SET default_transaction_read_only = ${hasWrites ? "off" : "on"}`);
    const facts = await databaseFacts(client);
    const takenAt = new Date().toISOString();
    const { samples, missing } = await samplesOf(client);
    const queries = await measure(client, sampledQueries(samples), options);
    const here = { commit: commitFacts(), machine: machineFacts() };
    return { version: 1, label, takenAt, ...here, ...facts, runs, queries, missing: [...missing] };
  } finally {
    await client.end().catch(() => {});
  }
}

async function samplesOf(client: Client): ReturnType<typeof takeSamplesInUse> {
  try {
    return await takeSamplesInUse(client);
  } catch (error) {
    if (error instanceof SampleError) throw new IndexError("refused", error.message, { cause: error });
    throw error;
  }
}
