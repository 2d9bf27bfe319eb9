import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../src/marketplace/index.ts";
import { until } from "../../tools/cluster/processes.ts";
import { type Row, TABLE } from "./support/authorisationTable.ts";
import { clientOf } from "./support/client.ts";
import { pathIn } from "./support/pathIn.ts";
import { prepareStateOf, stateOf } from "./support/stateOf.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";
import { ASKERS, type Asker, makeWorld, type World } from "./support/world.ts";

/** What an asker is told who may not, unless the row says otherwise. */
const PROBLEMS: Readonly<Record<number, string>> = { 401: "unauthenticated", 403: "forbidden", 404: "not-found" };

const CASES = TABLE.flatMap((row) =>
  ASKERS.map((asker, column) => {
    const about = row.about === undefined ? "" : ` (${row.about})`;
    return [`${row.route}${about}, by ${asker}`, row.expected[column] ?? 0, row, asker] as const;
  }),
);

describe("who may do what", () => {
  let system: TestSystem;
  let client: Client;
  let send: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    system = await startTestSystem(1, { cache: "on" });
    // Straight to the primary: what a case made a moment ago is there for visitors too.
    send = clientOf((await system.another({ BREAKWATER_MODE: "off" })).url);
    client = new Client({ connectionString: (await system.cluster.resolve("primary")).connectionString });
    await client.connect();
    await prepareStateOf(client);
  });
  afterAll(async () => {
    await client?.end();
    await system?.stop();
  });

  /** One request in a world of its own. Whatever is refused must have changed nothing. */
  async function ask(row: Row, asker: Asker, isRefused: boolean) {
    const { route, json } = row;
    const world = await makeWorld(client, row.world);
    const before = isRefused ? await stateOf(client) : {};
    const answer = await send(pathIn(row, world), {
      method: route.slice(0, route.indexOf(" ")),
      ...(json && { json: json(world) }),
      ...tokenOf(world, asker),
    });
    if (isRefused) expect(await stateOf(client)).toEqual(before);
    if (answer.status === 202 && route.endsWith("/password-reset")) await letterWritten(world);
    return answer;
  }

  /** The work behind the answer, over before the next case looks. */
  async function letterWritten({ creator }: World): Promise<void> {
    const text = "SELECT 1 FROM password_resets WHERE user_id = $1 AND created_at > now() - interval '1 minute'";
    expect(await until(async () => (await client.query(text, [creator])).rowCount === 1, 5_000)).toBe(true);
  }

  it("is said for every route there is, and for no other", () => {
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(TABLE.map(({ route }) => route))].sort()).toEqual(known.sort());
  });

  it.for(CASES)("%s: %d", async ([, status, row, asker]) => {
    const { status: got, body } = await ask(row, asker, status >= 400);
    const slug = status < 400 ? undefined : (row.problem ?? PROBLEMS[status]);
    expect([got, slug && body?.type]).toEqual([status, slug && `/problems/${slug}`]);
  });

  describe("attacked", () => {
    /** One request of each route, by the pitch's creator. */
    const FIRST = routes.flatMap((route) => {
      const row = TABLE.find((each) => each.route === `${route.method} ${route.path}`);
      return row ? [{ row, route }] : [];
    });

    it("takes no field that a body does not have, whatever column it is called after", async () => {
      const columns = [
        "id",
        "user_id",
        "creator_id",
        "role",
        "status",
        "likes",
        "password_hash",
        "removed_at",
        "created_at",
      ];
      const world = await makeWorld(client);
      const before = await stateOf(client);
      for (const { row, route } of FIRST.filter(({ row }) => row.json)) {
        const json = row.json?.(world) as object;
        for (const column of columns.filter((name) => !(name in json))) {
          const answer = await send(pathIn(row, world), {
            method: route.method,
            json: { ...json, [column]: world.otherCreator },
            ...tokenOf(world, "its creator"),
          });
          const fields = answer.body?.errors?.map(({ field }: { field: string }) => field);
          expect([row.route, answer.status, fields]).toEqual([row.route, 400, [column]]);
        }
      }
      expect(await stateOf(client)).toEqual(before);
    });

    it("gives no page longer than a hundred, and takes no list longer than that", async () => {
      const world = await makeWorld(client);
      const paged = FIRST.filter(({ route }) => route.query && "limit" in shapeOf(route.query));
      expect(paged.length).toBeGreaterThanOrEqual(5);
      for (const { row } of paged) {
        const path = pathIn(row, world);
        for (const limit of ["101", "0", "-1", "1e9", "9".repeat(30)]) {
          const asked = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`;
          const { status, body } = await send(asked, tokenOf(world, "its creator"));
          expect([asked, status, body.errors?.[0].field]).toEqual([asked, 400, "limit"]);
        }
      }
      const ids = Array.from({ length: 101 }, () => world.notification);
      const read = await send("/api/me/notifications/read", { json: { ids }, ...tokenOf(world, "its creator") });
      expect([read.status, read.body.errors[0].field]).toEqual([400, "ids"]);
    });

    it("does nothing for a page of another site that has only the cookie", async () => {
      const changing = FIRST.filter(({ route }) => route.method !== "GET" && route.access !== "anonymous");
      const world = await makeWorld(client);
      const before = await stateOf(client);
      for (const { row, route } of changing) {
        const { status, body } = await send(pathIn(row, world), {
          method: route.method,
          ...(row.json && { json: row.json(world) }),
          headers: { Cookie: `session=${world.tokens["its creator"]}`, Origin: "https://evil.example" },
        });
        expect([row.route, status, body.type]).toEqual([row.route, 403, "/problems/cross-site-request"]);
      }
      expect(await stateOf(client)).toEqual(before);
    });

    it("marks no notification of another's as read", async () => {
      const world = await makeWorld(client);
      const before = await stateOf(client);
      const json = { ids: [world.notification] };
      const { status } = await send("/api/me/notifications/read", { json, ...tokenOf(world, "another creator") });
      expect([status, await stateOf(client)]).toEqual([200, before]);
    });

    it("shows in no list what is another's", async () => {
      const world = await makeWorld(client);
      const lists = [
        "/api/nda-requests?box=in",
        "/api/nda-requests?box=out",
        "/api/me/investments",
        "/api/me/conversations",
        "/api/me/notifications",
        "/api/me/saved",
      ];
      for (const asker of ["another creator", "an investor without"] as const) {
        for (const path of lists) {
          const { status, body } = await send(path, tokenOf(world, asker));
          expect([asker, path, status, body.items]).toEqual([asker, path, 200, []]);
        }
        const { body } = await send("/api/me/sessions", tokenOf(world, asker));
        expect(body.items).toHaveLength(1);
      }
    });
  });
});

/** The path of a row in a world. */
function tokenOf(world: World, asker: Asker) {
  const token = world.tokens[asker];
  return token === undefined ? {} : { token };
}

function shapeOf(schema: unknown): object {
  return (schema as { shape?: object }).shape ?? {};
}
