import { DatabaseState } from "../../src/database/databaseState.ts";
import { hyperdriveTransport } from "../../src/database/hyperdriveTransport.ts";
import { refreshTopology } from "../../src/database/locatePrimary.ts";
import { neonTransport, useNeonEndpoint } from "../../src/database/neonTransport.ts";
import { openDatabase } from "../../src/database/openDatabase.ts";
import { type RequestOptions, RequestScope } from "../../src/database/requestScope.ts";
import { Session } from "../../src/database/session.ts";
import type { Transport } from "../../src/database/transport.ts";
import type { FreshnessRequest, Kind, TransportName } from "./asked.ts";

/** One read a request, over all of the database's own path: choice, admission, proof, judgement. No objects. */

interface Env {
  readonly NEON_ENDPOINT: string;
  readonly PRIMARY: string;
  readonly REPLICA: string;
  readonly PRIMARY_DRIVE: Drive;
  readonly REPLICA_DRIVE: Drive;
  readonly PRIMARY_UNPOOLED: Drive;
  readonly REPLICA_UNPOOLED: Drive;
}

interface Drive {
  readonly connectionString: string;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

const FRESHNESS = { bare: "any", session: "session", strict: "strict" } as const satisfies Record<Kind, string>;

/** One isolate's knowledge of the nodes, by transport. */
const states = new Map<TransportName, DatabaseState>();

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const { transport, kind, query, token } = (await request.json()) as FreshnessRequest;
    const state = await stateOf(transport, env, ctx);
    const session = new Session(token ?? undefined);
    const database = openDatabase(state, options(ctx, session));
    try {
      const { rows, route } = await database.read(query, { freshness: FRESHNESS[kind] });
      return Response.json({ rows: rows.length, node: route.node, token: session.token ?? null });
    } catch (error) {
      return new Response(String(error), { status: 500 });
    } finally {
      ctx.waitUntil(database.close());
    }
  },
};

async function stateOf(transport: TransportName, env: Env, ctx: Context): Promise<DatabaseState> {
  const known = states.get(transport);
  if (known) return known;
  const [primary, replica] = waysOf(transport, env);
  const state = new DatabaseState([
    { name: "node-1", maySleep: false, open: primary },
    { name: "node-2", maySleep: false, open: replica },
  ]);
  const scope = new RequestScope(state, options(ctx));
  await refreshTopology(scope, 2_000);
  ctx.waitUntil(scope.close());
  states.set(transport, state);
  return state;
}

/** To the primary, and to the replica. */
function waysOf(transport: TransportName, env: Env): readonly [() => Transport, () => Transport] {
  const neon = (address: string) => () => neonTransport(address);
  const drive =
    ({ connectionString }: Drive) =>
    () =>
      hyperdriveTransport(connectionString);
  switch (transport) {
    case "neon":
      useNeonEndpoint(env.NEON_ENDPOINT);
      return [neon(env.PRIMARY), neon(env.REPLICA)];
    case "hyperdrive":
      return [drive(env.PRIMARY_DRIVE), drive(env.REPLICA_DRIVE)];
    case "hyperdriveUnpooled":
      return [drive(env.PRIMARY_UNPOOLED), drive(env.REPLICA_UNPOOLED)];
    default:
      return transport satisfies never;
  }
}

function options(ctx: Context, session?: Session): RequestOptions {
  return {
    deadline: { at: Date.now() + 10_000 },
    mode: "on",
    breakerMode: "on",
    now: Date.now,
    random: Math.random,
    waitUntil: (work) => ctx.waitUntil(work),
    ...(session ? { session } : {}),
  };
}
