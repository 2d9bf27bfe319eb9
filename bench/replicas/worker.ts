import { WorkerEntrypoint } from "cloudflare:workers";
import * as z from "zod/mini";
import { createWorker, type Database, type Freshness, query, routesFor } from "../../src/breakwater.ts";
import { neonTransport, useNeonEndpoint } from "../../src/database/neonTransport.ts";
import type { Transport } from "../../src/database/transport.ts";

/** One read by Breakwater's choice, or by the policy of a driver or an ORM; which node answered stands in the header. */

export { CacheCoordinator } from "../../objects/cacheCoordinator.ts";
export { CircuitBreaker } from "../../objects/circuitBreaker.ts";
export { Collector } from "../../objects/collector.ts";
export { ReplicaCoordinator } from "../../objects/replicaCoordinator.ts";

const browse = query<{ id: string }>(
  "bench.browse",
  "SELECT id, title, genre, status FROM pitches ORDER BY id LIMIT 20",
);
const sleepy = (ms: number) =>
  query<{ id: string }>(
    "bench.sleepy",
    "SELECT p.id FROM pitches p, pg_sleep($1::float8 / 1000) ORDER BY p.id LIMIT 20",
    [ms],
  );
const route = routesFor<{ id: string }>();

const number = z.pipe(z.string().check(z.regex(/^\d{1,6}$/)), z.transform(Number));
const params = z.object({ ms: number });

const ours = (path: string, freshness: (ms: number) => Freshness) =>
  route({
    method: "GET",
    path,
    summary: "A read through Breakwater",
    access: "anonymous",
    params: z.object({ ms: z.optional(number) }),
    answers: { 204: null },
    handle: async ({ database, params: { ms = 0 } }) => {
      await read(database, freshness(ms));
      return { status: 204 };
    },
  });

const worker = createWorker({
  routes: [
    ours("/any", () => "any"),
    ours("/strict", () => "strict"),
    ours("/bounded/:ms", (boundedMs) => ({ boundedMs })),
    route({
      method: "GET",
      path: "/sleepy/:ms",
      summary: "A read that takes so long on the server",
      access: "anonymous",
      params,
      answers: { 204: null },
      handle: async ({ database, params: { ms } }) => {
        await database.read(sleepy(ms), { freshness: "any" });
        return { status: 204 };
      },
    }),
  ],
  accounts: { credentialOf: () => null, accountOf: async () => null },
  version: "bench",
});

async function read(database: Database, freshness: Freshness): Promise<void> {
  const { rows } = await database.read(browse, { freshness });
  if (rows.length !== 20) throw new Error(`there were ${rows.length} rows`);
}

interface Env {
  readonly NEON_ENDPOINT: string;
  readonly BREAKWATER_NODES: string;
  readonly [secret: string]: string;
}

type Node = readonly [name: string, transport: Transport];

let nodes: readonly Node[] | undefined;
let turn = 0;

/** The primary first, as configured. Holds no I/O, so requests may share them. */
function nodesOf(env: Env): readonly Node[] {
  useNeonEndpoint(env.NEON_ENDPOINT);
  const configured = JSON.parse(env.BREAKWATER_NODES) as { name: string; secret: string }[];
  nodes ??= configured.map(({ name, secret }) => [name, neonTransport(env[secret] ?? "")]);
  return nodes;
}

/** Whom a peer's policy asks: what drizzle, Sequelize and TypeORM do with a list of replicas. */
const POLICIES: Readonly<Record<string, (nodes: readonly Node[]) => Node | undefined>> = {
  "/round-robin": (all) => all[1 + (turn++ % (all.length - 1))],
  "/random": (all) => all[1 + Math.floor(Math.random() * (all.length - 1))],
  "/primary": (all) => all[0],
};

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const node = POLICIES[new URL(request.url).pathname]?.(nodesOf(env));
    if (!node) return worker.fetch(request, env, ctx);
    const [name, transport] = node;
    await transport.query(browse, new AbortController().signal);
    return new Response(null, { status: 204, headers: { "Breakwater-Route": name } });
  },
  scheduled: (event: { cron: string; scheduledTime: number }, env: Env, ctx: Context) =>
    worker.scheduled(event, env, ctx),
};

export class Prober extends WorkerEntrypoint {
  async sample(question: string): Promise<string> {
    return worker.sample(question, this.env as object);
  }
}
