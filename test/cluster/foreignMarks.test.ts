import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVERY_FIVE_MINUTES } from "../../src/cronTriggers.ts";
import { outboxPage } from "../../src/database/outboxPage.ts";
import { sampleWithMarks } from "../../src/database/statements.ts";
import { until } from "../../tools/cluster/processes.ts";
import { connect } from "../../tools/migrate/connect.ts";
import { openClient } from "../../tools/migrate/openClient.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";
import { Visitor } from "./support/visitor.ts";

/** The primary is asked each nine seconds as digests come, which they do each ten here, and the same answer tells it. */
const SHOWN_WITHIN_MS = 22_000;

let system: TestSystem;
let author: { id: string; token: string };
let client: Client;
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem(300, { cache: "on" });
  author = await signUp(clientOf(system.worker.url));
  client = await connect((await system.cluster.resolve("primary")).connectionString);
  visitor = new Visitor(system.worker.url);
}, 120_000);
afterAll(async () => {
  await client?.end();
  await system?.stop();
});

interface CacheAdmin {
  readonly seq: number;
  readonly liveBumps: number;
  readonly recentBumps: number;
  readonly cover: readonly unknown[];
  readonly foreignMarks: { readonly found: number; readonly skipped: number };
}

/** What the object says, once somebody came by. */
async function told(): Promise<CacheAdmin> {
  await visitor.send("/api/pitches?limit=1");
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await (await fetch(`${system.worker.url}/admin/cache`, { headers })).json()) as CacheAdmin;
}

const isCalm = async () => {
  const { liveBumps, cover } = await told();
  return liveBumps === 0 && cover.length === 3;
};

describe("a writer that passes Breakwater by", () => {
  /** Fresh for 30 s: old before that by its tags alone. */
  const dramas = async () => {
    const { body, headers } = await visitor.send("/api/genres");
    const [, ttl] = /;hit;ttl=(\d+)(?!.*refreshing)/.exec(headers.get("Cache-Status") ?? "") ?? [];
    const items: readonly { genre: string; pitches: number }[] = body.items;
    return { count: items.find(({ genre }) => genre === "drama")?.pitches, ttl: Number(ttl ?? 0) };
  };

  it("makes old what is cached under the tags of his mark, within the bound", async () => {
    expect(await until(isCalm, 20_000)).toBe(true);
    expect(await until(async () => (await dramas()).ttl >= 26, 60_000)).toBe(true);
    const { foreignMarks } = await told();
    const { count, ttl } = await dramas();
    expect(count).not.toBe(777_777);
    await client.query("BEGIN");
    await client.query(
      "INSERT INTO genre_counts VALUES ('drama', 777777) ON CONFLICT (genre) DO UPDATE SET published = 777777",
    );
    await client.query("SELECT breakwater.touch('statistics')");
    await client.query("COMMIT");
    const startedAt = Date.now();
    expect((await dramas()).count).toBe(count);
    expect(await until(async () => (await dramas()).count === 777_777, SHOWN_WITHIN_MS)).toBe(true);
    const tookMs = Date.now() - startedAt;
    console.log(`a mark from psql was shown to anybody after ${tookMs} ms, of ${ttl} s that the copy was fresh for`);
    expect(tookMs).toBeLessThan(ttl * 1_000);
    expect((await told()).foreignMarks).toEqual({ found: foreignMarks.found + 1, skipped: 0 });
    expect(await until(isCalm, 15_000)).toBe(true);
  }, 150_000);

  it("is not who counts anew: a refresh tells of its own mark, and makes old what shows the counts, at once", async () => {
    const { body } = await visitor.send("/api/pitches", { token: author.token, json: { ...PITCH, genre: "drama" } });
    await visitor.send(`/api/pitches/${body.id}/publish`, { method: "POST", token: author.token });
    expect(await until(isSettled, 30_000)).toBe(true);
    expect(await until(async () => (await dramas()).ttl >= 15, 60_000)).toBe(true);
    const { count = 0 } = await dramas();
    const { foreignMarks } = await told();
    await system.worker.scheduled(EVERY_FIVE_MINUTES, new Date());
    // Long before the copy's lifetime is over.
    expect(await until(async () => (await dramas()).count === count + 1, 8_000)).toBe(true);
    expect(await until(isSettled, 30_000)).toBe(true);
    expect((await told()).foreignMarks).toEqual(foreignMarks);
    const marks = () => client.query("SELECT FROM breakwater.marks WHERE tags = '{statistics}'");
    const { rowCount } = await marks();
    await system.worker.scheduled(EVERY_FIVE_MINUTES, new Date());
    expect((await marks()).rowCount).toBe(rowCount); // nothing was to be counted
  }, 150_000);

  it("is refused a mark without tags, with too many, or with one that is null", async () => {
    for (const tags of ["VARIADIC '{}'::text[]", "VARIADIC array_fill('a'::text, '{33}')", "'a', NULL"]) {
      await expect(client.query(`SELECT breakwater.touch(${tags})`)).rejects.toMatchObject({ code: "22023" });
    }
  });
});

/** All that was written before was told. */
async function isSettled(): Promise<boolean> {
  const { seq } = await told();
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  return (await told()).seq === seq && (await isCalm());
}

it("a write of our own is one bump, whether its report or a look is faster", async () => {
  expect(await until(isSettled, 30_000)).toBe(true);
  const marks = async () => Number((await client.query("SELECT count(*) FROM breakwater.marks")).rows[0].count);
  const before = { marks: await marks(), told: await told() };
  const endAt = Date.now() + 6_000; // looks come each second meanwhile
  while (Date.now() < endAt) {
    const { status } = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
    expect(status).toBe(201);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const written = (await marks()) - before.marks;
  expect(written).toBeGreaterThan(5);
  const bumps = async () => (await told()).recentBumps - before.told.recentBumps;
  expect(await until(async () => (await bumps()) >= written && (await isCalm()), 15_000)).toBe(true);
  // Bumps of before leave the last minute meanwhile: there may be fewer, never more.
  expect(await bumps()).toBeLessThanOrEqual(written);
}, 60_000);

describe("what was written since a snapshot", () => {
  const ask = async (from: Client, since: string | null) => {
    const { text, values } = sampleWithMarks([], since);
    const { rows } = await from.query({ text, values: [...values], rowMode: "array" });
    return outboxPage(rows[0]?.at(-1));
  };

  it("is asked of who takes writes alone", async () => {
    const { connectionString } = await system.cluster.resolve("node-2");
    const standby = await openClient(connectionString);
    try {
      expect(await ask(standby, null)).toBeUndefined();
    } finally {
      await standby.end();
    }
  });

  it("is all that committed, once, in whatever order, and nothing that did not, page by page", async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    let state = seed;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    };
    const { connectionString } = await system.cluster.resolve("primary");
    const begun = await ask(client, null);
    if (!begun) throw new Error("the primary does not tell");
    const committed = new Set<string>();
    let writing = 6;
    const write = async () => {
      const own = await connect(connectionString);
      try {
        for (let round = 0; round < 40; round++) {
          const ids: string[] = [];
          await own.query("BEGIN");
          const most = random() < 0.1 ? 60 : 1 + Math.floor(random() * 4);
          for (let mark = 0; mark < most; mark++) {
            if (random() < 0.2) await own.query("SAVEPOINT s");
            const { rows } = await own.query("SELECT breakwater.touch('a', 'b') AS id");
            ids.push(rows[0].id);
          }
          if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 200));
          const isKept = random() < 0.8;
          await own.query(isKept ? "COMMIT" : "ROLLBACK");
          if (isKept) for (const id of ids) committed.add(id);
        }
      } finally {
        await own.end();
        writing--;
      }
    };
    const found: string[] = [];
    let pages = 0;
    const look = async () => {
      let since = begun.snapshot;
      for (let isLast = false; ; ) {
        const page = await ask(client, since);
        if (!page) throw new Error("the primary does not tell");
        since = page.snapshot;
        found.push(...page.marks.map(([id]) => id));
        if (!page.isWhole) pages++;
        if (isLast && page.isWhole) return;
        isLast = writing === 0;
        if (!isLast) await new Promise((resolve) => setTimeout(resolve, 20 + random() * 400));
      }
    };
    await Promise.all([look(), ...Array.from({ length: 6 }, write)]);
    console.log(`${found.length} marks found, ${pages} pages that were full`);
    expect(new Set(found).size).toBe(found.length);
    expect(new Set(found)).toEqual(committed);
  }, 60_000);

  it("is read from the end of the log of marks, not from its beginning", async () => {
    await client.query("INSERT INTO breakwater.marks (tags) SELECT '{a}' FROM generate_series(1, 20000)");
    await client.query("ANALYZE breakwater.marks");
    const begun = await ask(client, null);
    await client.query("SELECT breakwater.touch('a')");
    const { text, values } = sampleWithMarks([], begun?.snapshot);
    const { rows } = await client.query(`EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF) ${text}`, [...values]);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).not.toMatch(/Rows Removed by Filter: \d{3,}/);
    expect((await ask(client, begun?.snapshot ?? null))?.marks).toHaveLength(1);
  });
});
