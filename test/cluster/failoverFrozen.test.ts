import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { promoteAlone } from "../../tools/cluster/oldLine.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { operatorOf, shownNodes } from "./support/operatorOf.ts";
import { sqlOn } from "./support/sqlOn.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";
import { routeOf, Visitor } from "./support/visitor.ts";

let system: TestSystem;
let author: { id: string; token: string };
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem(200);
});
afterAll(() => system.stop());
beforeEach(async () => {
  visitor = new Visitor(system.worker.url);
  // Whoever came back is let in step by step, and with traffic alone.
  let troubles: unknown = "nobody was asked";
  const isWell = async () => {
    await visitor.send("/api/pitches?limit=1");
    const nodes = Object.entries(await shownNodes(system.worker.url));
    troubles = nodes.flatMap(([name, { reasons }]) => reasons.map((reason) => `${name}: ${reason}`));
    return nodes.every(([, { reasons }]) => reasons.length === 0);
  };
  await until(isWell, 30_000);
  expect(troubles).toEqual([]);
  author = await signUp(clientOf(system.worker.url));
}, 45_000);
afterEach(async () => {
  system.proxy.faults.clear();
  for (const name of ["primary", "node-1", "node-2", "node-3"]) await system.cluster.start(name);
  await system.worker.scheduled("* * * * *");
});

/** A write of the visitor's session. */
const write = (title: string) => visitor.send("/api/pitches", { token: author.token, json: { ...PITCH, title } });

const titlesOn = async (node: string, title: string): Promise<number> => {
  const rows = await sqlOn(system.cluster, node, `SELECT count(*)::int AS n FROM pitches WHERE title = '${title}'`);
  return rows[0]?.n as number;
};

interface Silence {
  readonly begin: (node: string) => Promise<unknown>;
  readonly end: (node: string) => Promise<unknown>;
}

const SILENCES: readonly (readonly [string, Silence])[] = [
  ["frozen", { begin: (node) => system.cluster.pause(node), end: (node) => system.cluster.resume(node) }],
  [
    "behind a black hole, and well",
    {
      begin: async (node) => system.proxy.faults.set(node, { blackHole: true }),
      end: async (node) => system.proxy.faults.clear(node),
    },
  ],
];

describe.each(SILENCES)("a primary that is %s, and a standby promoted in its place", (_, silence) => {
  it("no read fails, writes resume within two seconds, and what wakes is written to by nobody", async () => {
    const after = `Written after ${crypto.randomUUID()}`;
    const { name: old } = await system.cluster.resolve("primary");
    const [heir, other] = ["node-1", "node-2", "node-3"].filter((name) => name !== old) as [string, string];
    const before = await write("Written before");
    expect(before.status).toBe(201);
    expect(
      (await visitor.send(`/api/pitches/${before.body.id}/publish`, { token: author.token, method: "POST" })).status,
    ).toBe(200);
    const own = `/api/pitches/${before.body.id}`;
    // What the replicas hold is read through all of it, by everybody and by whoever wrote it.
    const isHeld = async () => {
      const rows = await Promise.all(
        [heir, other].map((node) =>
          sqlOn(system.cluster, node, `SELECT 1 FROM pitches WHERE id = '${before.body.id}' AND status = 'published'`),
        ),
      );
      return rows.every(({ length }) => length === 1);
    };
    expect(await until(isHeld, 5_000)).toBe(true);
    const reads = steadily(20, 14_000, () => clientOf(system.worker.url)("/api/pitches?limit=1"));
    const sessionReads = steadily(10, 14_000, () => visitor.send(own));

    await silence.begin(old);
    const losing = steadily(5, 3_000, () => write("Written while nobody answers"));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await promoteAlone(system.cluster, heir);
    const promotedAt = performance.now();
    expect(await until(async () => (await write(after)).status === 201, 10_000)).toBe(true);
    const gapMs = performance.now() - promotedAt;
    console.log(`writes resumed ${Math.round(gapMs)} ms after the promotion`);
    expect((await losing.answers).map(({ status }) => status).filter((status) => status !== 503)).toEqual([]);

    await silence.end(old);
    for (let count = 0; count < 30; count++) {
      const written = await write(after);
      expect([written.status, routeOf(written).node]).toEqual([201, heir]);
      const read = await visitor.send(`/api/pitches/${written.body.id}`, { token: author.token });
      expect([read.status, read.headers.get("Breakwater-Consistency")]).toEqual([200, null]);
    }
    const isNamed = async () => (await shownNodes(system.worker.url))[old]?.role === "rival";
    expect(await until(isNamed, 15_000)).toBe(true);
    // Its breaker keeps nobody from it any more: what it is does.
    const isLetIn = async () => {
      await visitor.send("/api/pitches?limit=1");
      const { isolate } = (await operatorOf(system.worker.url)("/breaker")).body;
      return (isolate as { name: string; state: string }[]).find(({ name }) => name === old)?.state === "closed";
    };
    expect(await until(isLetIn, 20_000)).toBe(true);
    for (let count = 0; count < 30; count++) {
      const browsed = await clientOf(system.worker.url)("/api/pitches?limit=1");
      expect([browsed.status, routeOf(browsed).node]).not.toEqual([200, old]);
    }
    expect(await titlesOn(old, after)).toBe(0);
    expect(await titlesOn(heir, after)).toBeGreaterThan(30);

    const answers = [...(await reads.answers), ...(await sessionReads.answers)];
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ headers }) => headers.has("Breakwater-Consistency"))).toEqual([]);
    expect(gapMs).toBeLessThan(2_000);
  }, 90_000);
});
