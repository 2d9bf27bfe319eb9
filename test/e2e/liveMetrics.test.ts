import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "../cluster/support/system.ts";

/** What the running Worker shows, judged by Prometheus' own tool (apt's `prometheus`); fails where it is missing. */

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem(50);
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
  const body = await scrape();
  expect(body).toMatch(/route="\/api\/pitches",status_class="2xx"\} [1-9]/);
  expect(findings(body)).toBe("");
});
