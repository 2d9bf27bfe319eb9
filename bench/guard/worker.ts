import { WorkerEntrypoint } from "cloudflare:workers";
import { createWorker, query, routesFor } from "../../src/breakwater.ts";
import { neonTransport } from "../../src/database/neonTransport.ts";
import { connectionString, NODE_NAMES } from "./constants.ts";

/** One read three times over: through all of Breakwater, in its router alone, and in a Worker of nothing else. */

export { CacheCoordinator } from "../../objects/cacheCoordinator.ts";
export { CircuitBreaker } from "../../objects/circuitBreaker.ts";
export { Collector } from "../../objects/collector.ts";
export { ReplicaCoordinator } from "../../objects/replicaCoordinator.ts";

const browse = query<{ id: string }>("bench.browse", "SELECT id, title, genre, status FROM pitches LIMIT 20");
const direct = neonTransport(connectionString(NODE_NAMES[0]));
const route = routesFor<{ id: string }>();

const worker = createWorker({
  routes: [
    route({
      method: "GET",
      path: "/guarded",
      summary: "A read through the guard",
      access: "anonymous",
      answers: { 204: null },
      handle: async ({ database }) => {
        enough((await database.read(browse)).rows);
        return { status: 204 };
      },
    }),
    route({
      method: "GET",
      path: "/bare",
      summary: "The same read without it",
      access: "anonymous",
      answers: { 204: null },
      handle: async () => {
        await askDirectly();
        return { status: 204 };
      },
    }),
  ],
  accounts: { credentialOf: () => null, accountOf: async () => null },
  version: "bench",
});

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

export default {
  fetch: async (request: Request, env: object, ctx: Context) => {
    if (!request.url.endsWith("/plain")) return worker.fetch(request, env, ctx);
    await askDirectly();
    return new Response(null, { status: 204 });
  },
};

export class Prober extends WorkerEntrypoint {
  async sample(question: string): Promise<string> {
    return worker.sample(question, this.env as object);
  }
}

/** By the driver, and without a deadline: whoever guards nothing has none. Rows by name, as the guard gives them. */
async function askDirectly(): Promise<void> {
  const { columns, rows } = await direct.query(browse, new AbortController().signal);
  enough(rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))));
}

function enough(rows: readonly unknown[]): void {
  if (rows.length !== 20) throw new Error(`there were ${rows.length} rows`);
}
