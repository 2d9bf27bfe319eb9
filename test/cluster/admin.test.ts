import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import type { LocalWorker } from "../../tools/local/startWorker.ts";
import { cliRun } from "./support/cliRun.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

let system: TestSystem;
let worker: LocalWorker;

beforeAll(async () => {
  system = await startTestSystem(50);
  worker = system.worker;
  await worker.scheduled("* * * * *", new Date(1_795_000_000_000));
});
afterAll(() => system.stop());

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function ask(path: string, headers: Record<string, string> = bearer(ADMIN_TOKEN), at = worker) {
  const response = await fetch(`${at.url}${path}`, { headers });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return { response, text, json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

const PATHS = ["", "/breaker", "/replicas", "/cache", "/health", "/collector", "/cron", "/queries"].map(
  (path) => `/admin${path}`,
);

describe("an admin's question", () => {
  it.each([...PATHS, "/metrics"])("%s is answered to admins alone, and never stored", async (path) => {
    for (const headers of [{}, bearer("wrong-token-of-some-length"), bearer(`${ADMIN_TOKEN}x`), bearer("")]) {
      expect((await ask(path, headers)).response.status).toBe(401);
    }
    const { response } = await ask(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect((await fetch(`${worker.url}${path}`, { method: "POST", headers: bearer(ADMIN_TOKEN) })).status).toBe(405);
  });

  it("about nothing there is gets a problem", async () => {
    expect((await ask("/admin/nothing")).response.status).toBe(404);
    expect((await ask("/admin/breaker/")).response.status).toBe(404);
  });

  it("for the breaker gets every node's state, its evidence and the age of each word", async () => {
    const { json } = await ask("/admin/breaker");
    const node = {
      name: "node-1",
      scope: "world",
      state: "closed",
      epoch: 0,
      ageMs: expect.any(Number),
      source: "fresh",
      window: { ok: expect.any(Number), failed: 0, slow: 0, excluded: 0 },
      leases: expect.any(Array),
      reporters: expect.any(Number),
    };
    const world = [node, { ...node, name: "node-2" }, { ...node, name: "node-3" }];
    expect(json).toMatchObject({ nodes: world, transitions: [], isolate: world.map(({ name }) => ({ name })) });
  });

  it("for the replicas gets the map that the coordinator drew by itself", async () => {
    await ask("/api/pitches?limit=1");
    const { json } = await ask("/admin/replicas");
    expect(json).toMatchObject({ epoch: "1", primary: "node-1", mapTrouble: null });
    expect(json.nodes).toMatchObject([
      { name: "node-1", role: "primary", state: "closed", lagBoundMs: 0, position: expect.stringMatching(/^\d+$/) },
      { name: "node-2", role: "replica", state: "closed", latencyMs: expect.any(Number), reasons: [] },
      { name: "node-3", role: "replica", state: "closed", latencyMs: expect.any(Number), reasons: [] },
    ]);
    const reads = (json.nodes as { reads: number }[]).reduce((sum, node) => sum + node.reads, 0);
    expect(reads).toBeGreaterThan(0);
    expect(json.epochs).toMatchObject([{ epoch: "1", node: "node-1", by: "found", agoMs: expect.any(Number) }]);
    const own = { failuresInARow: 0, avoidedForMs: 0, misconfigured: false, silentMs: 0, lacksWrites: false };
    expect(json.isolate).toMatchObject({ nodes: ["node-1", "node-2", "node-3"].map((name) => ({ name, ...own })) });
    const isWhole = async () => {
      await ask("/metrics"); // the isolate's counts go up, unless an exchange without them is under way
      const { json: counted } = await ask("/admin/replicas");
      const shares = (counted.nodes as { world: { share: number | null } }[]).map(({ world }) => world.share ?? 0);
      return Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 0.005;
    };
    expect(await until(isWhole, 5_000)).toBe(true);
  });

  it("for the queries gets the slowest and the most frequent of the world, and what this isolate saw", async () => {
    const entry = {
      name: "pitches.browse",
      count: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
    };
    const world = async () => {
      await ask("/metrics"); // this isolate's own counts go up first
      return (await ask("/admin/queries")).json.world;
    };
    await expect.poll(world, { timeout: 5_000 }).toMatchObject({
      ageMs: expect.any(Number),
      slowest: expect.arrayContaining([expect.objectContaining(entry)]),
      mostFrequent: expect.arrayContaining([expect.objectContaining(entry)]),
    });
    const { json } = await ask("/admin/queries");
    expect(json).toMatchObject({ scope: "isolate", queries: expect.any(Array) });
  });

  it("for the crons gets each scheduled time once, however often it was delivered", async () => {
    const at = new Date(1_795_000_060_000);
    await Promise.all([1, 2, 3].map(() => worker.scheduled("* * * * *", at)));
    await worker.scheduled("* * * * *", at);
    const { json } = await ask("/admin/cron");
    const [minutely] = json.crons as { cron: string; runs: { scheduledTime: string; outcome: string }[] }[];
    const runs = minutely?.runs.filter(({ scheduledTime }) => scheduledTime === at.toISOString());
    expect(runs).toMatchObject([{ outcome: "ok" }]);
  });

  it("finds the statistics taken once, and skipped with a reason while nothing is written", async () => {
    await worker.scheduled("*/5 * * * *", new Date(1_795_000_200_000));
    await worker.scheduled("*/5 * * * *", new Date(1_795_000_500_000));
    const { json } = await ask("/admin/cron");
    const five = (json.crons as { cron: string; runs: { outcome: string; note: string }[] }[]).find(
      ({ cron }) => cron === "*/5 * * * *",
    );
    expect(five?.runs).toHaveLength(2);
    expect(five?.runs[0]).toMatchObject({ outcome: "skipped", note: expect.stringContaining("nothing was written") });
    expect(five?.runs[0]?.note).toContain("warming: the cache does not act");
  });

  it("cleans up by night, and makes up for a night that was missed", async () => {
    const { json } = await ask("/admin/cron");
    const crons = json.crons as { cron: string; runs: { outcome: string; detail: Record<string, unknown> }[] }[];
    const nightly = crons.find(({ cron }) => cron === "17 3 * * *");
    // The five-minute cron above found that no clean-up was ever made.
    expect(nightly?.runs).toMatchObject([{ outcome: "ok", detail: { partitionsMade: expect.any(Number) } }]);
    // A third of the seeded sessions has expired.
    expect(nightly?.runs[0]?.detail["accounts.delete-expired-sessions"]).toBeGreaterThan(0);
  });
});

describe("/metrics", () => {
  it("is Prometheus' classic text, or OpenMetrics where that is asked for", async () => {
    const classic = await ask("/metrics");
    expect(classic.response.headers.get("content-type")).toBe("text/plain; version=0.0.4");
    expect(classic.text).toContain('breakwater_http_requests_total{route="/api/pitches",status_class="5xx"} 0');
    const open = await ask("/metrics", { ...bearer(ADMIN_TOKEN), Accept: "application/openmetrics-text" });
    expect(open.response.headers.get("content-type")).toContain("application/openmetrics-text; version=1.0.0");
    expect(open.text.endsWith("# EOF\n")).toBe(true);
  });

  it("counts visitors' requests within seconds, names their traces, and does not count health", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (let index = 0; index < 7; index++) {
      await ask("/api/pitches/search?q=a", { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
      await ask("/health", {});
    }
    const answered = (text: string, route: string) =>
      [...text.matchAll(/^breakwater_http_requests_total\{route="([^"]*)",status_class="..."\} (\d+)$/gm)]
        .filter(([, of]) => of === route)
        .reduce((sum, [, , count]) => sum + Number(count), 0);
    // A Collector writes its totals down by the second, and shows no others.
    await expect
      .poll(async () => answered((await ask("/metrics")).text, "/api/pitches/search"), { timeout: 5_000 })
      .toBe(7);
    const { text } = await ask("/metrics");
    expect([answered(text, "other"), text.includes('route="/health')]).toEqual([0, false]);
    const open = await ask("/metrics", { ...bearer(ADMIN_TOKEN), Accept: "application/openmetrics-text" });
    expect(open.text).toContain(traceId);
  });

  it("shows nodes, the view's age and the last good crons as gauges", async () => {
    const { text } = await ask("/metrics");
    expect(text).toContain('breakwater_node_state{node="node-1",state="closed"} 1');
    expect(text).toContain('breakwater_node_up{node="node-1",role="primary"} 1');
    expect(text).toMatch(/^breakwater_view_age_seconds\{part="breaker"\} [\d.]+$/m);
    expect(text).toMatch(/^breakwater_cron_last_success_timestamp_seconds\{cron="\* \* \* \* \*"\} \d{10}$/m);
  });
});

describe("what goes wrong", () => {
  it("is reported to Sentry in words without secrets, behind the answer, and counted", async () => {
    const envelopes: string[] = [];
    const sentry = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        envelopes.push(text);
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => sentry.listen(0, "127.0.0.1", resolve));
    const { port } = sentry.address() as AddressInfo;
    try {
      const wrong = await system.another({
        SENTRY_DSN: `http://0123456789abcdef@127.0.0.1:${port}/42`,
        ...Object.fromEntries(
          [1, 2, 3].map((n) => [
            `DATABASE_URL_NODE_${n}`,
            `postgres://breakwater:s3kret-word@nothing-${n}.breakwater.local/marketplace`,
          ]),
        ),
      });
      const { response } = await ask(
        "/api/pitches?limit=1",
        { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
        wrong,
      );
      expect(response.status).toBe(503);
      await expect.poll(() => envelopes.length, { timeout: 5_000 }).toBeGreaterThan(0);
      expect(envelopes.join()).toContain("a".repeat(32));
      expect(envelopes.join()).not.toContain("s3kret-word");
      const counted = async () =>
        /^breakwater_errors_reported_total\{outcome="sent"\} (\d+)$/m.exec(
          (await ask("/metrics", undefined, wrong)).text,
        )?.[1];
      await expect.poll(async () => Number(await counted()), { timeout: 5_000 }).toBeGreaterThan(0);
    } finally {
      await new Promise((resolve) => sentry.close(resolve));
    }
  });
});

describe("a Worker", () => {
  it("without admin tokens has no admin", async () => {
    const nobody = await system.another({ ADMIN_TOKENS: "" });
    expect((await ask("/admin/breaker", bearer(""), nobody)).response.status).toBe(401);
    expect((await ask("/metrics", bearer("undefined"), nobody)).response.status).toBe(401);
  });

  it("that is off says so, and exchanges nothing", async () => {
    const off = await system.another({ BREAKWATER_MODE: "off" });
    await ask("/api/pitches?limit=1", {}, off);
    for (const path of PATHS) expect((await ask(path, undefined, off)).json).toEqual({ mode: "off" });
    expect((await ask("/metrics", undefined, off)).text).toContain('state="closed"} 1');
  });
});

describe("`npm run cli -- replicas`", () => {
  const cli = async (...args: string[]) => {
    const run = cliRun("replicas", ...args, "--url", worker.url, "--admin-token", ADMIN_TOKEN);
    const code = await run.ended;
    return { code, ...run.printed() };
  };

  it("shows roles, rotation and epochs, and takes a replica out and in again", async () => {
    const shown = await cli();
    expect([shown.code, shown.error]).toEqual([0, ""]);
    expect(shown.out).toMatch(/node-1 │ primary +│ closed +│/);
    expect(shown.out).toMatch(/ago {2}epoch 1 on node-1, found/);
    const drained = await cli("drain", "node-3", "--reason", "a new disk", "--owner", "ops");
    expect(drained.out).toMatch(/node-3 │ replica +│ closed +│ out +│.*out of rotation: drained/);
    expect(drained.out).toMatch(/drain node-3, by ops, token \w{8}: a new disk/);
    expect((await cli("resume", "node-3")).out).toMatch(/node-3 │ replica +│ closed +│ in +│/);
    const json = JSON.parse((await cli("status", "--json")).out);
    expect(json.nodes).toHaveLength(3);
  });

  it.each([
    ["a primary to be drained", ["drain", "node-1", "--reason", "x"], /answers 409: .*node-1 is the primary/],
    ["a standby to be called the primary", ["primary", "node-2", "--reason", "x"], /answers 409: .*promote it first/],
    ["a node there is not", ["resume", "node-9"], /answers 400: .*one of the configured nodes/],
  ])("refuses %s, and says why", async (_what, args, words) => {
    const { code, error, out } = await cli(...args);
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(words);
  });
});

describe("`npm run cli -- breaker`", () => {
  const cli = async (...args: string[]) => {
    const run = cliRun("breaker", ...args);
    const code = await run.ended;
    return { code, ...run.printed() };
  };
  const asked = () => ["--url", worker.url, "--admin-token", ADMIN_TOKEN];

  it("shows the nodes, holds one for a while, lets it go, and keeps the history", async () => {
    const held = await cli(
      "hold",
      "node-3",
      "forced-open",
      "--for",
      "10m",
      "--reason",
      "a drill",
      "--owner",
      "ops",
      ...asked(),
    );
    expect([held.code, held.error]).toEqual([0, ""]);
    expect(held.out).toMatch(/node-3 │ forced-open +│.*│ by ops, token \w{8}, 10 min more: a drill +│/);
    const released = await cli("release", "node-3", ...asked());
    expect(released.out).toMatch(/node-3: forced-open → half-open {2}released/);
    const shown = await cli(...asked(), "--json");
    const drill = { node: "node-3", from: "closed", to: "forced-open", evidence: "a drill" };
    expect(JSON.parse(shown.out).transitions).toContainEqual(expect.objectContaining(drill));
    expect((await cli("status", ...asked())).out).toContain("node-1");
    expect((await cli("reincarnate", "--reason", "a restore", ...asked())).out).toMatch(/in incarnation \d{13}\./);
  });

  it.each([
    ["a node there is not", ["release", "node-9"], /no node node-9: there are node-1, node-2, node-3/],
    [
      "a state there is not",
      ["hold", "node-1", "broken", "--for", "1m", "--reason", "x"],
      /Allowed choices are forced-open/,
    ],
    ["no end", ["hold", "node-1", "shadow", "--reason", "x"], /--for <duration>' not specified/],
    ["two days", ["hold", "node-1", "shadow", "--for", "48h", "--reason", "x"], /from 1s to 24h/],
    [
      "a reason beyond all bounds",
      ["release", "node-1", "--reason", "x".repeat(201)],
      /answers 400: .*reason must have at most 200/,
    ],
  ])("refuses %s, and says why", async (_what, args, words) => {
    const { code, error, out } = await cli(...args, ...asked());
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(words);
    expect(error).not.toContain("at file:");
  });

  it("says what is wrong where it cannot ask", async () => {
    const wrong = await cli("--url", worker.url, "--admin-token", "wrong-token-of-some-length");
    expect([wrong.code, wrong.error]).toEqual([1, expect.stringMatching(/answers 401: /)]);
    const nobody = await cli("--url", "http://127.0.0.1:9", "--admin-token", "x");
    expect([nobody.code, nobody.error]).toEqual([1, expect.stringMatching(/127\.0\.0\.1:9\/ does not answer: /)]);
    const noUrl = await cli("--url", "127.0.0.1", "--admin-token", "x");
    expect([noUrl.code, noUrl.error]).toEqual([1, expect.stringMatching(/must be a Worker's address/)]);
    const noToken = await cli("--url", worker.url);
    expect([noToken.code, noToken.error]).toEqual([1, expect.stringMatching(/Give --admin-token/)]);
  });
});
