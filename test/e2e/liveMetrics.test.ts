import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "../cluster/support/system.ts";

/** What the running Worker shows, judged by Prometheus' own tool (apt's `prometheus`); fails where it is missing. */

const COUNTED_WITHIN_MS = 20_000;

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem(50, { cache: "on" });
});
afterAll(() => system.stop());

async function scrape(): Promise<string> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await fetch(`${system.worker.url}/metrics`, { headers });
  expect(response.status).toBe(200);
  return response.text();
}

function findings(body: string): string {
  const { error, status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: body,
    encoding: "utf8",
  });
  if (error) throw new Error("promtool does not run: apt-get install prometheus", { cause: error });
  return status === 0 ? `${stdout}${stderr}` : `promtool ended with ${status}: ${stdout}${stderr}`;
}

test("promtool finds nothing in the first scrape, nor after traffic, an error and a cron", async () => {
  expect(findings(await scrape())).toBe("");
  for (let index = 0; index < 20; index++) await fetch(`${system.worker.url}/api/pitches?limit=1`);
  await fetch(`${system.worker.url}/nowhere`);
  await system.worker.scheduled("* * * * *");
  // What the isolate counted is in the world's numbers once it has exchanged words with its Collector.
  const counted = /breakwater_http_requests_total\{route="\/api\/pitches",status_class="2xx"\} [1-9]/;
  await until(async () => counted.test(await scrape()), COUNTED_WITHIN_MS);
  const body = await scrape();
  expect(body).toMatch(counted);
  expect(body).toMatch(/breakwater_cache_requests_total\{route="\/api\/pitches",result="fresh"\} [1-9]/);
  expect(body).toMatch(/^breakwater_cache_hot_keys \d/m);
  expect(findings(body)).toBe("");
});
