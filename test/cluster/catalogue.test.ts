import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { USUAL_LIMITS } from "../../tools/indexes/deploy/limits.ts";
import { verify } from "../../tools/indexes/deploy/verify.ts";
import { connect } from "../../tools/migrate/connect.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { startTestCluster } from "./support/cluster.ts";

const PHASES = [1, 2, 3] as const;

let stop: () => Promise<void>;
let primary: string;
const clients: Client[] = [];

beforeAll(async () => {
  const bed = await startTestCluster();
  stop = bed.stop;
  primary = (await bed.cluster.resolve("primary")).connectionString;
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await stop?.();
});

async function database(name: string): Promise<{ client: Client; url: string }> {
  const admin = await connect(primary);
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = primary.replace(/[^/]+$/, name);
  await migrate({ connectionString: url, sets: ["breakwater"] });
  const client = await connect(url);
  clients.push(client);
  await client.query("SET search_path = public");
  return { client, url };
}

/** What became of each shipped index (and these optional ones): `built`, `unchanged`, or why it was skipped. */
async function deployAll(url: string, optional: readonly string[] = []): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const phase of PHASES) {
    const { indexes, isComplete } = await deploy({
      connectionString: url,
      limits: { ...USUAL_LIMITS, restMs: 0 },
      report: () => {},
      signal: new AbortController().signal,
      entries: ENTRIES,
      phase,
      optional: ENTRIES.filter((entry) => entry.phase === phase && optional.includes(entry.name)).map(
        ({ name }) => name,
      ),
    });
    expect(isComplete, JSON.stringify(indexes)).toBe(true);
    for (const { name, did, text } of indexes) all[name] = did === "skipped" ? text : did;
  }
  return all;
}

describe("the catalogue", () => {
  it("deploys whole on the marketplace's tables, and every candidate can be built there but those it names", async () => {
    const { client, url } = await database("marketplace_indexes");
    await migrate({ connectionString: url, sets: ["schema"] });
    await client.query("CREATE EXTENSION pg_trgm");
    const did = await deployAll(url);
    expect(Object.values(did).filter((what) => !/^(built|unchanged|adopted)$/.test(what))).toEqual([]);
    const verified = await Promise.all(
      PHASES.map((phase) =>
        verify({
          connectionString: url,
          limits: { ...USUAL_LIMITS, restMs: 0 },
          report: () => {},
          signal: new AbortController().signal,
          entries: ENTRIES,
          phase,
        }),
      ),
    );
    expect(new Set(verified.flat().map(({ state }) => state.kind))).toEqual(new Set(["valid-same"]));
    const impossible: string[] = [];
    for (const { name, definition, isUnique } of ENTRIES) {
      await client.query("BEGIN");
      await client
        .query(`CREATE ${isUnique ? "UNIQUE " : ""}INDEX tried ON ${definition}`)
        .catch(({ message }: Error) => impossible.push(`${name}: ${message}`));
      await client.query("ROLLBACK");
    }
    expect(impossible).toEqual([
      'idx_sessions_token: column "token" does not exist',
      'pitch_search_genre_document: column "genre" does not exist',
    ]);
  });

  it("deploys on the owner's tables what they can have, and says of the rest why not", async () => {
    const { client, url } = await database("owners_indexes");
    await client.query(await readFile(join(import.meta.dirname, "support/ownersSchema.sql"), "utf8"));
    const did = await deployAll(url, ["idx_sessions_token"]);
    const built = Object.entries(did).filter(([, what]) => what === "built");
    expect(built.map(([name]) => name).sort()).toEqual([
      "idx_sessions_token",
      "notifications_user_newest",
      "pitches_creator_status_newest",
      "pitches_format_newest",
      "pitches_genre_newest",
      "pitches_newest",
      "pitches_stage_newest",
      "sessions_expires",
      "sessions_user",
      "users_email_key",
    ]);
    expect(did).toMatchObject({
      ndas_standing_key: expect.stringContaining("has no column revoked_at"),
      notifications_unread: expect.stringContaining("has no column read_at"),
      pitch_search_document: expect.stringContaining("has no such table"),
    });
  });
});
