import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { USUAL_LIMITS } from "../../tools/indexes/deploy/limits.ts";
import { verify } from "../../tools/indexes/deploy/verify.ts";
import { schemaIndexes } from "../../tools/indexes/schemaIndexes.ts";
import { connect } from "../../tools/migrate/connect.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { startTestCluster } from "./support/cluster.ts";

const FOLDER = resolve(import.meta.dirname, "../../sql/indexes");
const PHASES = ["phase-1.sql", "phase-2.sql", "phase-3.sql"];
const SHIPPED = ENTRIES.filter(({ verdict }) => verdict.kind === "ship").map(({ name }) => name);
/** By the schema's own files. */
const MADE = [...schemaIndexes().made.keys()].filter((name) => SHIPPED.includes(name)).sort();

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let connectionString: string;
let client: Client;

beforeAll(async () => {
  bed = await startTestCluster();
  ({ connectionString } = await bed.cluster.resolve("primary"));
  await migrate({ connectionString });
  client = await connect(connectionString);
});
afterAll(async () => {
  await client?.end();
  await bed?.stop();
});

/** As a console takes a file that is pasted into it: each statement alone. */
async function statementsOf(file: string): Promise<readonly string[]> {
  const text = (await readFile(resolve(FOLDER, file), "utf8")).replace(/^\s*--.*$/gm, "");
  return text.split(/;\s*$/m).flatMap((statement) => (statement.trim() === "" ? [] : [statement.trim()]));
}

/** Sends them all, whatever one of them says, as psql does; what was refused, and why. */
async function paste(file: string): Promise<readonly { readonly name: string; readonly code: string }[]> {
  const refused: { name: string; code: string }[] = [];
  for (const statement of await statementsOf(file)) {
    const [, name = statement] = /CONCURRENTLY (\w+)/.exec(statement) ?? [];
    await client.query(statement).catch(({ code }: { code: string }) => refused.push({ name, code }));
  }
  return refused;
}

/** What verify.sql says, by state. */
async function states(): Promise<Readonly<Record<string, readonly string[]>>> {
  const said: Record<string, string[]> = {};
  for (const statement of await statementsOf("verify.sql")) {
    const { rows } = await client.query<{ name: string; state?: string }>(statement);
    for (const { name, state } of rows) if (state !== undefined) said[state] = [...(said[state] ?? []), name].sort();
  }
  return said;
}

/** What the first statement of a file lists: what is invalid. */
async function leftovers(file: string): Promise<readonly unknown[]> {
  const [first = ""] = await statementsOf(file);
  return (await client.query<{ name: string }>(first)).rows;
}

async function indexes(): Promise<readonly string[]> {
  const { rows } = await client.query<{ text: string }>(
    `SELECT pg_get_indexdef(indexrelid) || indisvalid AS text FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  return rows.map(({ text }) => text);
}

describe("the catalogue as plain SQL", () => {
  let before: readonly string[];

  it("finds nothing but what the schema made", async () => {
    before = await indexes();
    const { valid, missing } = await states();
    expect(valid).toEqual(MADE);
    expect([...(valid ?? []), ...(missing ?? [])].sort()).toEqual(SHIPPED.toSorted());
  });

  it("builds all that ships, statement by statement, and refuses only what was there", async () => {
    const refused = (await inTurn(PHASES, paste)).flat();
    expect(refused.filter(({ code }) => code !== "42P07")).toEqual([]);
    expect(refused.map(({ name }) => name).sort()).toEqual(MADE);
    expect(await states()).toEqual({ valid: SHIPPED.toSorted() });
    const verified = await verify({
      connectionString,
      limits: { ...USUAL_LIMITS, restMs: 0 },
      report: () => {},
      signal: new AbortController().signal,
      entries: ENTRIES,
      phase: undefined,
    });
    expect(new Set(verified.map(({ state }) => state.kind))).toEqual(new Set(["valid-same"]));
  });

  it("changes nothing when it is pasted again, and says of each index that it is there", async () => {
    const built = await indexes();
    const refused = (await inTurn(PHASES, paste)).flat();
    expect(refused.filter(({ code }) => code !== "42P07")).toEqual([]);
    expect(refused.map(({ name }) => name).sort()).toEqual(SHIPPED.toSorted());
    expect(await indexes()).toEqual(built);
    expect(await states()).toEqual({ valid: SHIPPED.toSorted() });
  });

  it("tells an index of that name with another definition, and a leftover", async () => {
    await client.query("DROP INDEX pitches_newest; CREATE INDEX pitches_newest ON pitches (created_at DESC)");
    await client.query("DROP INDEX users_email_key");
    await client.query(
      `INSERT INTO users (id, email, name, password_hash, role)
      SELECT gen_random_uuid(), 'twice@example.invalid', 'Twice', 'x', 'creator' FROM generate_series(1, 2)`,
    );
    const refused = await paste("phase-1.sql");
    expect(refused).toContainEqual({ name: "users_email_key", code: "23505" });
    expect(await states()).toMatchObject({ "another definition": ["pitches_newest"], leftover: ["users_email_key"] });
    for (const file of [...PHASES, "verify.sql", "rollback.sql"]) {
      expect(await leftovers(file), file).toMatchObject([
        { name: "users_email_key", maintained: false, builder: null },
      ]);
    }
    await client.query("DELETE FROM users; DROP INDEX users_email_key, pitches_newest");
    await paste("phase-1.sql");
    expect(await states()).toEqual({ valid: SHIPPED.toSorted() });
  });

  it("takes away what it built, and no more, however often", async () => {
    expect(await paste("rollback.sql")).toEqual([]);
    expect(await indexes()).toEqual(before);
    expect(await paste("rollback.sql")).toEqual([]);
    expect(await indexes()).toEqual(before);
    expect((await states()).valid).toEqual(MADE);
  });
});

async function inTurn<T>(files: readonly string[], work: (file: string) => Promise<T>): Promise<readonly T[]> {
  const done: T[] = [];
  for (const file of files) done.push(await work(file));
  return done;
}
