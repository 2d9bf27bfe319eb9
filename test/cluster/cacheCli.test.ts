import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { cliRun } from "./support/cliRun.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

const PATH = "/api/pitches?genre=drama";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem(50, { cache: "on" });
});
afterAll(() => system?.stop());

async function cli(...args: string[]) {
  const run = cliRun("cache", ...args, "--url", system.worker.url, "--admin-token", ADMIN_TOKEN);
  const code = await run.ended;
  return { code, ...run.printed() };
}

async function statusOf(path: string): Promise<string> {
  const response = await fetch(system.worker.url + path);
  await response.arrayBuffer();
  return response.headers.get("Cache-Status") ?? "";
}

describe("`npm run cli -- cache`", () => {
  it("warms what is named, and says of the rest why not", async () => {
    const planned = await cli("warm", PATH, "--dry-run");
    expect([planned.code, planned.error]).toEqual([0, ""]);
    expect(planned.out).toMatch(/genre=drama │ would be loaded/);
    expect(await statusOf(PATH)).toContain("detail=cold");
    const warmed = await cli("warm", "/api/genres", "/api/me/saved");
    expect([warmed.code, warmed.error]).toEqual([1, ""]);
    expect(warmed.out).toMatch(/\/api\/genres +│ changed, written to KV +│ \d+ ms/);
    expect(warmed.out).toMatch(/\/api\/me\/saved +│ its answer is shared with nobody/);
    expect(await statusOf("/api/genres")).toMatch(/^breakwater-memory;hit;ttl=\d+$/);
  });

  it("takes answers back, softly and for good", async () => {
    await statusOf(PATH);
    const soft = await cli("purge", "genre:drama");
    expect([soft.code, soft.error]).toEqual([0, ""]);
    expect(soft.out).toMatch(/^What carries genre:drama is old/);
    expect(await statusOf(PATH)).toContain("hit;");
    expect(JSON.parse((await cli("purge", "genre:drama", "pitches", "--hard", "--json")).out)).toEqual({
      kind: "hard",
      tags: ["genre:drama", "pitches"],
      seq: expect.any(Number),
    });
    expect(await statusOf(PATH)).toContain("detail=purged");
  }, 40_000);

  it("shows what requests came to, by route and tier", async () => {
    // Counts ride with exchanges.
    let shown = await cli();
    const isCounted = async () => {
      await statusOf(PATH);
      shown = await cli();
      return /│ \/api\/pitches +│ \d+ +│ \d/.test(shown.out) && /dearest misses/.test(shown.out);
    };
    expect(await until(isCounted, 45_000)).toBe(true);
    expect([shown.code, shown.error]).toEqual([0, ""]);
    expect(shown.out).toMatch(/memory +│ \d+ +│ \d+ +│ 0 +│ 0 +│ works/);
    expect(shown.out).toMatch(/^Runway: /m);
    expect(shown.out).toMatch(/^Age of the copies given: .* \(median\), 90 % up to .*, 99 % up to .*\.$/m);
    expect(shown.out).toMatch(/^Warming: of \d+ copies written in the last day \d+ were then asked for/m);
    expect(shown.out).toMatch(/│ in its memory +│ copies │ bytes/);
    expect(shown.out).toMatch(/^KV: \d+ of today's 33,000 writes \(UTC\) are made\.$/m);
    expect(JSON.parse((await cli("status", "--json")).out)).toMatchObject({ mode: "on", world: { routes: {} } });
  }, 60_000);

  it.each([
    ["paths beside --top", ["warm", PATH, "--top", "5"], /Give paths or --top, not both/],
    ["a --top of none", ["warm", "--top", "0"], /Give 1 to 1000/],
    ["a purge of nothing", ["purge"], /missing required argument 'tags'/],
    ["a tag that is none", ["purge", "x".repeat(101)], /answers 400: /],
  ])("refuses %s, and says so", async (_what, args, words) => {
    const { code, error, out } = await cli(...args);
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(words);
  });
});
