import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWorker } from "../../tools/local/bundleWorker.ts";
import { type LocalWorker, startWorker } from "../../tools/local/startWorker.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let worker: LocalWorker;

beforeAll(async () => {
  bed = await startTestCluster();
  const bundling = bundleWorker(join(bed.root, "bundle"));
  bundling.catch(() => {}); // awaited below
  const { connectionString } = await bed.cluster.resolve("primary");
  await migrate({ connectionString });
  await seed({ connectionString, pitches: 200, seed: 1 });
  const nodes = await bed.cluster.nodes();
  const binding = (name: string) => `HYPERDRIVE_${name.toUpperCase().replace("-", "_")}`;
  worker = await startWorker({
    bundle: await bundling,
    environment: {
      BREAKWATER_MODE: "on",
      SESSION_KEYS: "a-session-key-for-tests",
      EXPOSE_ROUTE: "always",
      BREAKWATER_NODES: JSON.stringify(
        nodes.map(({ name }) => ({ name, region: "local", transport: "hyperdrive", binding: binding(name) })),
      ),
    },
    port: 0,
    hyperdrives: Object.fromEntries(nodes.map((node) => [binding(node.name), node.connectionString])),
  });
});
afterAll(async () => {
  await worker?.close();
  await bed?.stop();
});

async function call(method: string, path: string, token?: string, body?: object) {
  const response = await fetch(`${worker.url}${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}

it("the whole Worker lists pitches from a replica through Hyperdrive", async () => {
  const { status, headers, body } = await call("GET", "/api/pitches?genre=drama&limit=5");
  expect(status).toBe(200);
  expect(body.items).toHaveLength(5);
  expect(new Set(body.items.map(({ genre }: { genre: string }) => genre))).toEqual(new Set(["drama"]));
  expect(headers.get("Breakwater-Route")).toMatch(/^node-[23];reason=any/);
});

it("the whole Worker registers, creates and publishes through Hyperdrive, and reads it back", async () => {
  const account = { email: "a@example.com", password: "correct horse battery", name: "Ada", role: "creator" };
  const registered = await call("POST", "/api/auth/register", undefined, account);
  expect(registered).toMatchObject({ status: 201, body: { user: { email: account.email } } });
  const { token } = registered.body;

  const draft = {
    title: "Harbour",
    logline: "A wall against waves.",
    genre: "drama",
    format: "feature",
    stage: "script",
  };
  const created = await call("POST", "/api/pitches", token, draft);
  expect(created).toMatchObject({ status: 201, body: { ...draft, status: "draft" } });
  expect(created.headers.get("Breakwater-Route")).toMatch(/^node-1;reason=write/);

  const path = `/api/pitches/${created.body.id}`;
  expect((await call("GET", path)).status).toBe(404);
  expect(await call("POST", `${path}/publish`, token)).toMatchObject({ status: 200, body: { status: "published" } });
  expect(await call("GET", path, token)).toMatchObject({
    status: 200,
    body: { title: "Harbour", status: "published" },
  });
});

it("the whole Worker answers a taken address and an unknown pitch as over any transport", async () => {
  const account = { email: "b@example.com", password: "correct horse battery", name: "Bo", role: "creator" };
  await call("POST", "/api/auth/register", undefined, account);
  expect(await call("POST", "/api/auth/register", undefined, account)).toMatchObject({
    status: 409,
    body: { type: "/problems/email-taken" },
  });
  expect((await call("GET", "/api/pitches/01890a5d-ac96-774b-bcce-b302099a8057")).status).toBe(404);
});
