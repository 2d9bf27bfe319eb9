import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Query } from "../../src/breakwater.ts";
import { nightly, refresh, routes } from "../../src/marketplace/index.ts";
import type { Statement } from "../../tools/neon-proxy/payload.ts";
import { type Row, TABLE } from "./support/authorisationTable.ts";
import { clientOf } from "./support/client.ts";
import { pathIn } from "./support/pathIn.ts";
import { changedBetween, contentsOf, plannedRelations, type Touched } from "./support/plannedRelations.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";
import { EXCEPTIONS } from "./support/tagExceptions.ts";
import { ASKERS, makeWorld, type World } from "./support/world.ts";

/** Writes that change what the table's do not. */
const MORE: readonly Row[] = [
  { route: "PATCH /api/me", about: "the name", json: () => ({ name: "Another" }), expected: all() },
  { route: "PATCH /api/pitches/:id", about: "the genre", json: () => ({ genre: "comedy" }), expected: all() },
];

const WRITES = [...TABLE, ...MORE].filter(
  ({ route, expected }) => !route.startsWith("GET ") && expected.some((status) => status < 300),
);
const SHARED = routes.filter(({ shared }) => shared !== undefined);

/** What its query may be besides. */
const VARIANTS = ["genre=drama", "genre=comedy", "sort=popular", "sort=popular&genre=drama"];

function all() {
  return [401, 200, 403, 403, 403, 403, 401, 401] as const;
}

let system: TestSystem;
let client: Client;
let send: ReturnType<typeof clientOf>;
const asked: (readonly Statement[])[] = [];

beforeAll(async () => {
  system = await startTestSystem(1, { onStatements: (statements) => asked.push(statements) });
  send = clientOf((await system.another({ BREAKWATER_MODE: "off" })).url);
  client = new Client({ connectionString: (await system.cluster.resolve("primary")).connectionString });
  await client.connect();
}, 120_000);
afterAll(async () => {
  await client?.end();
  await system?.stop();
});

/** A shared answer as somebody asks for it. */
interface View {
  readonly route: string;
  readonly path: string;
  readonly tags: readonly string[];
}

/** Of each shared route, once as it is, and by what makes other statements of it, or other tags that a write may meet. */
function viewsIn(world: World): View[] {
  return SHARED.flatMap(({ method, path: template, params, query, shared }) => {
    const route = `${method} ${template}`;
    const row = TABLE.find((each) => each.route === route);
    if (!row || !shared) throw new Error(`no row for ${route}`);
    const path = pathIn(row, world);
    const shape = (query as { shape?: object } | undefined)?.shape ?? {};
    const variants = ["", ...VARIANTS.filter((variant) => variant.slice(0, variant.indexOf("=")) in shape)];
    return variants.map((variant) => {
      const url = new URL(`${path}${variant === "" ? "" : `${path.includes("?") ? "&" : "?"}${variant}`}`, "http://x");
      const id = /([0-9a-f-]{36})/.exec(url.pathname)?.[1];
      const input = {
        params: params?.parse({ id }) as never,
        query: query?.parse(Object.fromEntries(url.searchParams)) as never,
      };
      return { route, path: url.pathname + url.search, tags: shared.tags(input) };
    });
  });
}

async function shownAt(path: string): Promise<string> {
  const { status, body } = await send(path);
  return status === 200 ? JSON.stringify(body) : String(status);
}

/** What a shared answer reads, by the plans of what its route asked. */
async function readsOf({ path }: View): Promise<Map<string, Set<string>>> {
  asked.length = 0;
  expect([path, (await send(path)).status]).toEqual([path, 200]);
  const reads = new Map<string, Set<string>>();
  for (const { text } of asked.flat().filter(isOurs)) {
    const planned = await plannedRelations(client, text);
    for (const [relation, columns] of planned.reads) {
      reads.set(relation, new Set([...(reads.get(relation) ?? []), ...(columns ?? [])]));
    }
  }
  return reads;
}

/** The application's own: not what the core asks about nodes and marks. */
function isOurs({ text }: Statement): boolean {
  return !text.includes("breakwater.") && /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE|VALUES)/i.test(text);
}

/** The tags of a batch, as its first statement carries them. */
function tagsOf(batch: readonly Statement[]): readonly string[] | undefined {
  const first = batch.find(({ text }) => text.includes("breakwater.begin_write"));
  if (!first) return undefined;
  const [, tags = "{}"] = first.values;
  return [...(tags ?? "").matchAll(/[^{},"]+/g)].map(([tag]) => tag);
}

/** Of any object: `pitch:*`. Which one it is, is held against what is shown. */
function kindOf(tag: string): string {
  return tag.replace(/:.*/, ":*");
}

/** The columns in which what is written meets what is read; the relation, where rows come or go. */
function meeting(reads: ReadonlyMap<string, ReadonlySet<string>>, written: Touched): string[] {
  return [...written].flatMap(([relation, columns]) => {
    const read = reads.get(relation);
    if (!read) return [];
    return columns === null
      ? [relation]
      : [...columns].filter((column) => read.has(column)).map((column) => `${relation}.${column}`);
  });
}

describe("the tags of writes and of shared answers", () => {
  let reads: Map<string, Map<string, Set<string>>>;
  const used = new Set<string>();

  beforeAll(async () => {
    const world = await makeWorld(client);
    reads = new Map();
    for (const view of viewsIn(world)) {
      const known = reads.get(view.route) ?? new Map<string, Set<string>>();
      for (const [relation, columns] of await readsOf(view)) {
        known.set(relation, new Set([...(known.get(relation) ?? []), ...columns]));
      }
      reads.set(view.route, known);
    }
  }, 60_000);

  /** Shared answers that read what a write touched, and have none of its tags. */
  function untagged(write: string, views: readonly View[], touched: Touched, tags: readonly string[]): string[] {
    const kinds = tags.map(kindOf);
    return views.flatMap(({ route, tags: of }) => {
      const met = meeting(reads.get(route) ?? new Map(), touched);
      if (met.length === 0 || of.some((tag) => kinds.includes(kindOf(tag)))) return [];
      const exception = EXCEPTIONS.find(
        (each) => each.write === write && each.shared.includes(route) && met.every((at) => each.meets.includes(at)),
      );
      if (exception) used.add(exception.why);
      return exception ? [] : [`${route} reads ${met.join(", ")}; the write's tags: ${kinds.join(" ")}`];
    });
  }

  it("are held against plans that show what is read", () => {
    expect([...reads.keys()].sort()).toEqual(SHARED.map(({ method, path }) => `${method} ${path}`).sort());
    const changing = routes.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(WRITES.map(({ route }) => route))].sort()).toEqual(changing.sort());
    expect([...(reads.get("GET /api/pitches")?.get("users") ?? [])].sort()).toEqual(["id", "name"]);
    for (const relations of reads.values()) expect(relations.size).toBeGreaterThan(0);
  });

  it.for(WRITES.map((row) => [`${row.route}${row.about ? ` (${row.about})` : ""}`, row] as const))(
    "%s",
    { timeout: 20_000 },
    async ([name, row]) => {
      const world = await makeWorld(client, row.world);
      const views = viewsIn(world);
      const shown = async () => Promise.all(views.map(({ path }) => shownAt(path)));
      const before = { contents: await contentsOf(client), shown: await shown() };
      const column = row.expected[1] < 300 ? 1 : row.expected.findIndex((status) => status < 300);
      const token = world.tokens[ASKERS[column] ?? "a visitor"];
      asked.length = 0;
      const answer = await send(pathIn(row, world), {
        method: row.route.slice(0, row.route.indexOf(" ")),
        ...(row.json && { json: row.json(world) }),
        ...(token && { token }),
      });
      expect(answer.status).toBeLessThan(300);
      const batches = asked.filter((batch) => tagsOf(batch) !== undefined);
      const tags = batches.flatMap((batch) => tagsOf(batch) ?? []);
      const touched = new Map(changedBetween(before.contents, await contentsOf(client)));
      for (const { text } of batches.flat().filter(isOurs)) {
        for (const relation of (await plannedRelations(client, text)).writes) {
          // It did nothing here, and might elsewhere.
          if (!touched.has(relation)) touched.set(relation, null);
        }
      }
      expect(untagged(row.route, views, touched, tags), name).toEqual([]);
      // What is shown otherwise now, is shown under a tag of just this object.
      const after = await shown();
      const unsaid = views.filter(
        ({ tags: of }, at) => before.shown[at] !== after[at] && !of.some((tag) => tags.includes(tag)),
      );
      expect(unsaid.map(({ path }) => path)).toEqual([]);
    },
  );

  /** Sent by the crons. */
  const sent: readonly (Query & { readonly tags?: readonly string[] })[] = [...nightly, ...refresh(Date.now())];
  it.for(sent)("$name", async ({ name, text, values, tags = [] }) => {
    const world = await makeWorld(client);
    await client.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [world.investor, world.pitch]);
    const before = await contentsOf(client);
    await client.query(text, [...values]);
    expect(untagged(name, viewsIn(world), changedBetween(before, await contentsOf(client)), tags)).toEqual([]);
  });

  it("have no exception that nothing needs", () => {
    expect(EXCEPTIONS.filter((exception) => !used.has(exception.why))).toEqual([]);
  });
});
