import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../tools/migrate/migrate.ts";
import type { Migration, MigrationSet } from "../../tools/migrate/migrationFiles.ts";
import { migrationFiles } from "../../tools/migrate/migrationFiles.ts";
import { startTestCluster } from "./support/cluster.ts";

describe("the migration runner", () => {
  let bed: Awaited<ReturnType<typeof startTestCluster>>;
  let admin: Client;
  let connectionString: string;
  let count = 0;

  beforeAll(async () => {
    bed = await startTestCluster();
    admin = new Client({ connectionString: (await bed.cluster.resolve("primary")).connectionString });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await bed.stop();
  });
  beforeEach(async () => {
    const name = `fresh_${++count}`;
    await admin.query(`CREATE DATABASE ${name}`);
    connectionString = (await bed.cluster.resolve("primary")).connectionString.replace(/[^/]+$/, name);
  });

  const changed = (change: (migrations: Migration[]) => Migration[]) => async (set: MigrationSet) =>
    set === "schema" ? change(await migrationFiles(set)) : migrationFiles(set);

  it("applies everything once, and nothing the second time", async () => {
    const applied = await migrate({ connectionString });
    expect(applied[0]).toBe("breakwater/0001_epochs");
    expect(applied.at(-1)).toMatch(/^schema\//);
    expect(await migrate({ connectionString })).toEqual([]);
  });

  it("installs the core alone on a foreign database", async () => {
    const applied = await migrate({ connectionString, sets: ["breakwater"] });
    expect(applied.every((name) => name.startsWith("breakwater/"))).toBe(true);
  });

  it("puts the marketplace's tables into public, whatever the role is called", async () => {
    await migrate({ connectionString });
    const client = new Client({ connectionString });
    await client.connect();
    const { rows } = await client.query("SELECT schemaname FROM pg_tables WHERE tablename = 'pitches'");
    await client.end();
    expect(rows).toEqual([{ schemaname: "public" }]);
  });

  it("lets two runners at once apply each file once", async () => {
    const [a, b] = await Promise.all([migrate({ connectionString }), migrate({ connectionString })]);
    expect([...a, ...b].sort()).toEqual([...new Set([...a, ...b])].sort());
    expect(Math.min(a.length, b.length)).toBe(0);
  });

  it("refuses edited, unknown and renamed history, naming the file", async () => {
    await migrate({ connectionString });
    const edited = changed((all) => all.map((each) => ({ ...each, checksum: "other" })));
    await expect(migrate({ connectionString, files: edited })).rejects.toThrow(/sql\/schema\/0001_\w+\.sql was edited/);
    const unknown = changed((all) => all.slice(0, -1));
    await expect(migrate({ connectionString, files: unknown })).rejects.toThrow(/which this version does not know/);
    const renamed = changed((all) => all.map((each) => ({ ...each, name: `${each.name}_x` })));
    await expect(migrate({ connectionString, files: renamed })).rejects.toThrow(/where this version has/);
  });

  it("keeps nothing of a file that fails, and goes on from there when it is mended", async () => {
    const broken = changed((all) =>
      all.map((each, index) => (index === 1 ? { ...each, text: `${each.text}; oops` } : each)),
    );
    await expect(migrate({ connectionString, files: broken })).rejects.toThrow(/0002_\w+\.sql could not be applied/);
    const applied = await migrate({ connectionString });
    expect(applied[0]).toMatch(/^schema\/0002_/);
  });

  it("repeats a file in steps, keeps each, and goes on from there after a failure", async () => {
    const stepping = (most: number) =>
      changed((all) => [
        ...all,
        {
          set: "schema",
          name: `${String(all.length + 1).padStart(4, "0")}_stepping`,
          text: `-- In steps
CREATE TABLE IF NOT EXISTS steps (n int CHECK (n < ${most}), run xid8 UNIQUE);
INSERT INTO steps SELECT count(*), pg_current_xact_id() FROM steps;
SELECT FROM steps WHERE n < (SELECT 4 - count(*) FROM steps);`,
          checksum: "same",
        },
      ]);
    await expect(migrate({ connectionString, files: stepping(2) })).rejects.toThrow(/stopped half way.*steps_n_check/);
    const client = new Client({ connectionString });
    await client.connect();
    const steps = async () =>
      (await client.query<{ n: number }>("SELECT n FROM steps ORDER BY n")).rows.map(({ n }) => n);
    expect(await steps()).toEqual([0, 1]);
    await client.query("ALTER TABLE steps DROP CONSTRAINT steps_n_check");
    expect(await migrate({ connectionString, files: stepping(9) })).toEqual([expect.stringMatching(/_stepping$/)]);
    expect(await steps()).toEqual([0, 1, 2, 3]);
    expect(await migrate({ connectionString, files: stepping(9) })).toEqual([]);
    await client.end();
  });

  it("says in a sentence what is wrong with the address", async () => {
    const standby = (await bed.cluster.resolve("replica")).connectionString;
    await expect(migrate({ connectionString: standby })).rejects.toThrow(/is a standby: give the primary's address/);
    const nobody = "postgres://breakwater:secret-word@127.0.0.1:1/x";
    await expect(migrate({ connectionString: nobody })).rejects.toThrow(
      /^Cannot connect to 127.0.0.1:1: nothing listens/,
    );
    await expect(migrate({ connectionString: "garbage" })).rejects.toThrow(/^The database URL is not postgres:/);
    const pooler = "postgres://u:secret-word@ep-x-pooler.example.invalid/x";
    await expect(migrate({ connectionString: pooler })).rejects.toThrow(/^ep-x-pooler\S+ is a pooler: give the direct/);
    const missing = connectionString.replace(/[^/]+$/, "nowhere");
    await expect(migrate({ connectionString: missing })).rejects.toThrow(/no database of that name/);
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    await once(web, "listening");
    const { port } = web.address() as AddressInfo; // a TCP server's address is one
    await expect(migrate({ connectionString: `postgres://u@127.0.0.1:${port}/x` })).rejects.toThrow(/it hung up/);
    web.close();
    await admin.query("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const guest = connectionString.replace("breakwater:breakwater@", "guest:guest@");
    await expect(migrate({ connectionString: guest })).rejects.toThrow(/may not create schemas here: use the/);
  });
});
