import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { USUAL_LIMITS } from "../../tools/indexes/deploy/limits.ts";
import { rollback } from "../../tools/indexes/deploy/rollback.ts";
import { startSystem } from "../../tools/local/startSystem.ts";

let root: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "breakwater-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(root, { recursive: true, force: true });
});

const shipped = (phase: number) =>
  ENTRIES.filter((entry) => entry.phase === phase && entry.verdict.kind === "ship").map(({ name }) => name);

/** As `npm start` does it. Tells the DDL that the primary's database was sent from then on. */
async function started(pitches = 200) {
  const steps: string[] = [];
  const system = await startSystem({ root, pitches, onProgress: (step) => steps.push(step) });
  stops.push(system.stop);
  const { connectionString } = await system.cluster.resolve("primary");
  const ask = async (text: string) => {
    const client = new Client({ connectionString });
    await client.connect();
    return (await client.query(text).finally(() => client.end())).rows;
  };
  return { ...system, connectionString, steps, ask };
}

const VALID = "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indisvalid AND indisready";

it("a start on an empty database deploys phase 1 and no other; a later one sends a database with data no DDL", async () => {
  const first = await started();
  const names = new Set((await first.ask(VALID)).map(({ name }) => name.replace("public.", "")));
  expect(shipped(1).filter((name) => !names.has(name))).toEqual([]);
  expect(shipped(2).some((name) => !names.has(name))).toBe(true);
  const [ledger] = await first.ask(
    "SELECT count(DISTINCT name)::int AS names FROM breakwater.index_ledger WHERE state = 'done'",
  );
  expect(ledger?.names).toBe(shipped(1).length);
  expect(first.steps.filter((step) => /not complete/.test(step))).toEqual([]);

  // An operator takes them back: that is a decision, which no start undoes.
  const signal = new AbortController().signal;
  const run = { connectionString: first.connectionString, limits: USUAL_LIMITS, report: () => {}, signal };
  const { dropped } = await rollback({ ...run, phase: 1 });
  expect(dropped.length).toBeGreaterThan(3);
  await first.ask("ALTER DATABASE marketplace SET log_statement = 'ddl'");
  await first.stop();
  const log = join(root, "logs", "node-1.log");
  const before = (await readFile(log, "utf8")).length;
  const again = await started();
  const since = (await readFile(log, "utf8")).slice(before);
  expect(since).not.toMatch(/\bINDEX\b/);
  const left = new Set((await again.ask(VALID)).map(({ name }) => name.replace("public.", "")));
  expect(dropped.filter((name) => left.has(name))).toEqual([]);
});
