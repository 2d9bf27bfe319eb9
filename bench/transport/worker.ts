import { hyperdriveTransport } from "../../src/database/hyperdriveTransport.ts";
import { neonTransport, useNeonEndpoint } from "../../src/database/neonTransport.ts";
import type { Transport } from "../../src/database/transport.ts";
import type { Call, LaneRequest } from "./lane.ts";

/** Asks one call a request, as a request of the real Worker would, and answers without the rows. */

interface Env {
  readonly NEON_ENDPOINT: string;
  readonly DATABASE_URL: string;
  readonly HYPERDRIVE: { readonly connectionString: string };
}

/** Longer than any call should take; the bench is about speed, not about deadlines. */
const DEADLINE_MS = 20_000;

export default {
  async fetch(request: Request, env: Env, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const { transport: name, call } = (await request.json()) as LaneRequest;
    if (name === "none" || !call) return new Response("ok");
    const transport = open(name, env);
    try {
      await ask(transport, call);
      return new Response("ok");
    } catch (error) {
      return new Response(String(error), { status: 500 });
    } finally {
      ctx.waitUntil(transport.close());
    }
  },
};

function open(name: "neon" | "hyperdrive", env: Env): Transport {
  if (name === "hyperdrive") return hyperdriveTransport(env.HYPERDRIVE.connectionString);
  useNeonEndpoint(env.NEON_ENDPOINT);
  return neonTransport(env.DATABASE_URL);
}

function ask(transport: Transport, call: Call): Promise<unknown> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  return "query" in call ? transport.query(call.query, signal) : transport.batch(call.batch, signal);
}
