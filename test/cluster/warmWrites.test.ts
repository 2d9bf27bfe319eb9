import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem(50, { cache: "on" });
});
afterAll(() => system?.stop());

interface Report {
  readonly planned: number;
  readonly done: readonly { readonly path: string; readonly isWritten: boolean; readonly isChanged: boolean }[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

async function warm(order: object): Promise<Report> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const response = await fetch(`${system.worker.url}/api/cache/warm`, {
    method: "POST",
    headers,
    body: JSON.stringify(order),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Report;
}

it("writes paths that somebody names each time, and hot keys whose copies are new to no place twice", async () => {
  const path = "/api/pitches?genre=drama";
  const visit = async () => (await fetch(`${system.worker.url}${path}`)).text();
  await visit();
  expect((await warm({ paths: [path] })).done).toMatchObject([{ path, isWritten: true }]);
  // Heat rides with visitors' exchanges.
  const isHot = async () =>
    (await visit()) !== "" && (await warm({ top: 10, dryRun: true })).skipped.some(({ why }) => why === "dry-run");
  expect(await until(isHot, 45_000)).toBe(true);
  const { done, planned } = await warm({ top: 10 });
  expect(planned).toBeGreaterThan(0);
  // It was written a moment ago, and nothing changed.
  expect(done).toMatchObject([{ isWritten: false, isChanged: false }]);
});
