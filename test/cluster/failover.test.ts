import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleBed } from "../../tools/bed/bundleBed.ts";
import { startBed } from "../../tools/bed/startBed.ts";
import { comeBack, promoteAlone } from "../../tools/cluster/oldLine.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { operatorOf, shownNodes } from "./support/operatorOf.ts";
import { sqlOn } from "./support/sqlOn.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";
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
  author = await signUp(clientOf(system.worker.url));
  // Replicas hold the account before anything happens to them.
  expect(await until(async () => (await visitorSees("/api/pitches?limit=1")) === 200, 5_000)).toBe(true);
});
afterEach(async () => {
  // The primary first: without it nobody can be attached to anything.
  for (const name of ["primary", "node-1", "node-2", "node-3"]) await system.cluster.start(name);
  // Of a node that ramps up some are refused: whoever takes ten at once takes all.
  const isWell = async () => {
    const statuses = await Promise.all(Array.from({ length: 10 }, () => write().catch(() => 0)));
    return statuses.every((status) => status === 201);
  };
  expect(await until(isWell, 20_000)).toBe(true);
  await system.worker.scheduled("* * * * *");
});

const visitorSees = async (path: string) => (await visitor.send(path)).status;
const write = async () => (await visitor.send("/api/pitches", { token: author.token, json: PITCH })).status;

const epochs = (node: string) =>
  sqlOn(
    system.cluster,
    node,
    "SELECT epoch::int, parent::int, switch_xmin::text, timeline FROM breakwater.epochs ORDER BY epoch",
  );

const admin = (path: string, body?: object) => operatorOf(system.worker.url)(path, body);

/** The coordinator looked at the nodes and found no primary: it knows what was over on each standby. */
const isLost = async () => (await admin("/replicas")).body.primary === null;

/** A pitch that everybody may see, of that visitor's session; its path. */
async function publish(by: Visitor): Promise<string> {
  const { token } = author;
  const { status, body } = await by.send("/api/pitches", { token, json: PITCH });
  expect(status).toBe(201);
  expect((await by.send(`/api/pitches/${body.id}/publish`, { token, method: "POST" })).status).toBe(200);
  return `/api/pitches/${body.id}`;
}

/** What a scrape shows of it. */
async function gauge(series: string): Promise<number> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const text = await (await fetch(`${system.worker.url}/metrics`, { headers })).text();
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.split(" ")[1]);
}

/** The two standbys of that primary. */
const standbysOf = (primary: string) =>
  ["node-1", "node-2", "node-3"].filter((name) => name !== primary) as [string, string];

describe("when a standby is promoted", () => {
  it("writes resume by themselves, in an epoch that begins on it, and nobody's session breaks", async () => {
    expect(await write()).toBe(201);
    const { name: old } = await system.cluster.resolve("primary");
    const before = (await epochs("primary")).length;
    await system.cluster.kill(old);
    // Samples notice first: what was over on the standby is known before it is promoted.
    expect(await until(async () => (await write()) === 503, 5_000)).toBe(true);
    expect(await until(isLost, 10_000)).toBe(true);
    await system.cluster.promote("node-2");
    const promotedAt = performance.now();
    expect(await until(async () => (await write()) === 201, 10_000)).toBe(true);
    const gapMs = performance.now() - promotedAt;
    console.log(`writes resumed ${Math.round(gapMs)} ms after the promotion`);
    const rows = await epochs("node-2");
    expect(rows.length).toBe(before + 1);
    expect(rows.at(-1)).toMatchObject({ parent: rows.at(-2)?.epoch, switch_xmin: expect.stringMatching(/^\d+$/) });
    const got = await visitor.send("/api/pitches?limit=1");
    expect([got.status, got.headers.get("Breakwater-Consistency")]).toEqual([200, null]);
    expect(gapMs).toBeLessThan(2_000);
  }, 60_000);

  it("a write that it never had is told as lost, once, and to its session alone", async () => {
    const { name: old } = await system.cluster.resolve("primary");
    const heir = old === "node-3" ? "node-2" : "node-3";
    for (const node of ["node-1", "node-2", "node-3"]) if (node !== old) await system.cluster.detach(node);
    const { status, body } = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
    expect(status).toBe(201);
    await system.cluster.kill(old);
    expect(await until(isLost, 10_000)).toBe(true);
    await system.cluster.promote(heir);
    const other = new Visitor(system.worker.url);
    const asked = async () => {
      const got = await visitor.send(`/api/pitches/${body.id}`);
      return got.status === 503 ? undefined : got;
    };
    let told: Awaited<ReturnType<typeof asked>>;
    const isTold = async () => {
      told = await asked();
      return told !== undefined;
    };
    expect(await until(isTold, 15_000)).toBe(true);
    expect([told?.status, told?.headers.get("Breakwater-Consistency")]).toEqual([
      404,
      expect.stringContaining("lost=1"),
    ]);
    const again = await visitor.send(`/api/pitches/${body.id}`);
    expect([again.status, again.headers.get("Breakwater-Consistency")]).toEqual([404, null]);
    expect((await other.send("/api/pitches?limit=1")).headers.get("Breakwater-Consistency")).toBeNull();
  }, 60_000);
});

describe("two primaries", () => {
  it("of one epoch: the one that holds it is written to, the rival by nobody, and is named", async () => {
    const { name: holder } = await system.cluster.resolve("primary");
    const rival = holder === "node-3" ? "node-2" : "node-3";
    expect(await write()).toBe(201);
    await system.worker.scheduled("* * * * *");
    await system.cluster.promote(rival, { rival: true });
    for (let count = 0; count < 20; count++) {
      const got = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
      expect([got.status, routeOf(got).node]).toEqual([201, holder]);
      const read = await visitor.send("/api/pitches?limit=1");
      expect(routeOf(read).node).not.toBe(rival);
    }
    const rolesOf = async () => {
      const { nodes } = (await admin("/replicas")).body as { nodes: { name: string; role: string }[] };
      return Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
    };
    // Nothing is asked more than it must be in calm: a health check meets it within ten seconds.
    const isNamed = async () => {
      await visitorSees("/api/pitches?limit=1");
      return (await rolesOf())[rival] === "rival";
    };
    expect(await until(isNamed, 25_000)).toBe(true);
    expect((await rolesOf())[holder]).toBe("primary");
    expect(await gauge("breakwater_primary_rivals")).toBe(1);
    // The holder is gone: his rival, which lacks what was written beside it, is no successor by itself.
    await system.cluster.kill(holder);
    expect(await until(async () => (await write()) === 503, 5_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await write()).toBe(503);
    const refused = await admin("/replicas/primary", { node: "node-1", reason: "a test" });
    expect(refused.status).toBe(409);
    const taken = await admin("/replicas/primary", { node: rival, reason: "the holder's disk is gone" });
    expect([taken.status, taken.body.primary]).toEqual([200, rival]);
    expect(await until(async () => (await write()) === 201, 10_000)).toBe(true);
    const told = async () => (await visitor.send("/api/pitches?limit=1")).headers.get("Breakwater-Consistency");
    expect([await told(), await told()]).toEqual([expect.stringContaining("lost=1"), null]);
    const { epochs: chain, epoch } = (await admin("/replicas")).body as { epochs: { epoch: string }[]; epoch: string };
    expect(chain.at(-1)).toMatchObject({ epoch, node: rival, by: "ordered", parent: chain.at(-2)?.epoch });
    expect(await gauge("breakwater_epoch")).toBe(Number(epoch));
  }, 90_000);
});

describe("a drained replica", () => {
  it("is read by nobody until it is resumed, and through a restart of the objects", async () => {
    const { name: primary } = await system.cluster.resolve("primary");
    const [out, other] = ["node-1", "node-2", "node-3"].filter((name) => name !== primary);
    expect((await admin(`/replicas/${out}/drain`, { reason: "a new disk" })).status).toBe(200);
    const isHeard = async () => {
      await fetch(`${system.worker.url}/metrics`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
      const reads = await Promise.all(
        Array.from({ length: 10 }, () => clientOf(system.worker.url)("/api/pitches?limit=1")),
      );
      return reads.every((got) => routeOf(got).node === other);
    };
    expect(await until(isHeard, 15_000)).toBe(true);
    const { body } = await admin("/replicas");
    const nodes = body.nodes as { name: string; isOut: boolean; reasons: string[] }[];
    expect(nodes.find(({ name }) => name === out)).toMatchObject({
      isOut: true,
      reasons: ["out of rotation: drained"],
    });
    expect(body.orders).toContainEqual(expect.objectContaining({ kind: "drain", node: out, reason: "a new disk" }));
    expect(await gauge(`breakwater_replica_in_rotation{node="${out}"}`)).toBe(0);
    expect(await gauge(`breakwater_replica_in_rotation{node="${other}"}`)).toBe(1);
    expect((await admin(`/replicas/${primary}/drain`, {})).status).toBe(409);
    expect((await admin("/replicas/node-9/drain", {})).status).toBe(400);
    expect((await admin(`/replicas/${out}/resume`, {})).status).toBe(200);
    const isBack = async () => {
      const { nodes: now } = (await admin("/replicas")).body as { nodes: { name: string; isOut: boolean }[] };
      return now.every(({ isOut }) => !isOut);
    };
    expect(await until(isBack, 15_000)).toBe(true);
  }, 60_000);
});

describe("while there is no primary", () => {
  it("what replicas hold is read, what they may lack is refused and never left out, and writes are refused at once", async () => {
    const { name: primary } = await system.cluster.resolve("primary");
    const standbys = standbysOf(primary);
    const held = await publish(visitor);
    const isHeld = async () => routeOf(await visitor.send(held)).node !== primary;
    expect(await until(isHeld, 5_000)).toBe(true);
    for (const node of standbys) await system.cluster.detach(node);
    const other = new Visitor(system.worker.url);
    const missed = await publish(other);
    await system.cluster.kill(primary);

    const reads = steadily(20, 10_000, () => visitor.send(held));
    const signedIn = steadily(5, 10_000, () => visitor.send("/api/me/following", { token: author.token }));
    const waits: number[] = [];
    const readOwn = async () => {
      const startedAt = performance.now();
      const got = await other.send(missed);
      waits.push(performance.now() - startedAt);
      return got.status;
    };
    for (let count = 0; count < 5; count++) expect(await readOwn()).toBe(503);
    expect(Math.max(...waits)).toBeLessThan(3_500);

    const took: number[] = [];
    for (let count = 0; count < 20; count++) {
      const startedAt = performance.now();
      expect(await write()).toBe(503);
      took.push(performance.now() - startedAt);
    }
    expect((await signedIn.answers).filter(({ status }) => status !== 200)).toEqual([]);
    const answers = await reads.answers;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ headers }) => headers.has("Breakwater-Consistency"))).toEqual([]);
    console.log(`refused writes took ${took.map(Math.round).join(", ")} ms`);
    expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(50);
  }, 60_000);

  it("that only was restarted, nobody succeeds him and no epoch begins", async () => {
    const { name: primary } = await system.cluster.resolve("primary");
    expect(await write()).toBe(201);
    const before = await epochs(primary);
    const reads = steadily(20, 5_000, () => clientOf(system.worker.url)("/api/pitches?limit=1"));
    await reads.after(1_000, async () => {
      await system.cluster.stop(primary);
      await system.cluster.start(primary);
    });
    expect((await reads.answers).filter(({ status }) => status !== 200)).toEqual([]);
    expect(await until(async () => (await write()) === 201, 5_000)).toBe(true);
    expect(routeOf(await visitor.send("/api/pitches", { token: author.token, json: PITCH })).node).toBe(primary);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await epochs(primary)).toEqual(before);
    expect((await shownNodes(system.worker.url))[primary]?.role).toBe("primary");
  }, 60_000);
});

describe("the old primary that comes back beside its successor", () => {
  it("is named and asked for nothing, and neither is a replica that goes on following it", async () => {
    const { name: old } = await system.cluster.resolve("primary");
    const [heir, orphan] = standbysOf(old);
    expect(await write()).toBe(201);
    await system.cluster.kill(old);
    expect(await until(async () => (await write()) === 503, 5_000)).toBe(true);
    expect(await until(isLost, 10_000)).toBe(true);
    await promoteAlone(system.cluster, heir);
    expect(await until(async () => (await write()) === 201, 10_000)).toBe(true);
    // This isolate has heard that the orphan is out: it knows of no other epoch than the old one.
    const isAlone = async () => {
      await fetch(`${system.worker.url}/metrics`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
      const isOut = (await shownNodes(system.worker.url))[orphan]?.isOut === true;
      const browse = () => clientOf(system.worker.url)("/api/pitches?limit=1");
      const answers = await Promise.all(Array.from({ length: 10 }, browse));
      return isOut && answers.every((got) => routeOf(got).node === heir);
    };
    expect(await until(isAlone, 10_000)).toBe(true);

    const reads = steadily(20, 20_000, () => clientOf(system.worker.url)("/api/pitches?limit=1"));
    await comeBack(system.cluster, old);
    // The old line goes on, and is ahead by its numbers.
    await sqlOn(system.cluster, old, "CREATE TABLE doomed AS SELECT n FROM generate_series(1, 20000) n");
    const follows = () =>
      sqlOn(system.cluster, orphan, "SELECT 1 FROM pg_class WHERE relname = 'doomed'").then(
        ({ length }) => length === 1,
      );
    expect(await until(follows, 15_000)).toBe(true);
    const pitches = async () => (await sqlOn(system.cluster, old, "SELECT count(*)::int AS n FROM pitches"))[0]?.n;
    const before = await pitches();
    const isNamed = async () => (await shownNodes(system.worker.url))[old]?.role === "rival";
    expect(await until(isNamed, 15_000)).toBe(true);
    expect(await gauge("breakwater_primary_rivals")).toBe(1);
    const shown = await shownNodes(system.worker.url);
    expect(shown[orphan]).toMatchObject({
      isOut: true,
      reasons: expect.arrayContaining(["out of rotation: other line"]),
    });
    expect(shown[heir]?.role).toBe("primary");
    for (let count = 0; count < 20; count++) {
      const got = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
      expect([got.status, routeOf(got).node]).toEqual([201, heir]);
    }
    const answers = await reads.answers;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const readBy = (node: string) => answers.filter((got) => routeOf(got).node === node).length;
    expect(readBy(old)).toBe(0);
    expect(readBy(orphan)).toBe(0);
    expect(await pitches()).toBe(before);
  }, 120_000);
});

describe("a switchover that nobody was told of", () => {
  it("is found out by the first write that is refused, and all isolates follow", async () => {
    const { name: old } = await system.cluster.resolve("primary");
    const [heir] = standbysOf(old);
    const bed = await startBed({
      bundle: await bundleBed(".breakwater/test-bed-failover"),
      isolates: 2,
      environment: system.environment,
    });
    try {
      const [finder, follower] = bed.isolates.map(({ url }) => ({ url, send: clientOf(url) }));
      if (!finder || !follower) throw new Error("there are two");
      const writeBy = ({ send }: { send: ReturnType<typeof clientOf> }) =>
        send("/api/pitches", { token: author.token, json: PITCH });
      for (const each of [finder, follower]) expect((await writeBy(each)).status).toBe(201);
      await system.cluster.promote(heir);
      await system.cluster.start(old); // as a standby of the new one: it answers, and refuses writes
      system.proxy.resetStats();
      expect(await until(async () => (await writeBy(finder)).status === 201, 10_000)).toBe(true);
      // Each look at its metrics makes it exchange. No write of its own tells it, only the map.
      const hasHeard = async () => {
        const metrics = await fetch(`${follower.url}/metrics`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
        return (await metrics.text()).includes(`breakwater_node_up{node="${heir}",role="primary"} 1`);
      };
      // At once where the coordinator that was asked began the epoch; the other one of this cluster may have been first,
      // and then it is heard of with the next calm round.
      expect(await until(hasHeard, 25_000)).toBe(true);
      const followed = await writeBy(follower);
      expect([followed.status, routeOf(followed).node]).toEqual([201, heir]);
      expect(system.proxy.stats()[old]?.statements["pitches.insert"] ?? 0).toBeLessThanOrEqual(1);
    } finally {
      await bed.close();
    }
  }, 90_000);
});
