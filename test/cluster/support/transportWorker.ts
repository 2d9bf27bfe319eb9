import { hyperdriveTransport } from "../../../src/database/hyperdriveTransport.ts";
import { neonTransport, useNeonEndpoint } from "../../../src/database/neonTransport.ts";
import { type Transport, TransportFailure } from "../../../src/database/transport.ts";
import type { Outcome, Script, Step } from "./transportScript.ts";

/** A Worker that runs a test's script over one transport, as one request of the real Worker would. */

type Env = { readonly NEON_ENDPOINT: string } & Readonly<Record<string, { readonly connectionString: string }>>;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const script = (await request.json()) as Script;
    const transport = open(script, env);
    const outcomes: Outcome[] = [];
    for (const step of script.steps) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), step.abortAfterMs ?? 20_000);
      outcomes.push(
        await run(transport, step, controller.signal).then((value) => ({ value: portable(value) }), failed),
      );
      clearTimeout(timer);
    }
    await transport.close();
    return Response.json(outcomes);
  },
};

function open({ transport, node }: Script, env: Env): Transport {
  if (transport === "hyperdrive") return hyperdriveTransport(env[node]?.connectionString ?? "");
  useNeonEndpoint(env.NEON_ENDPOINT);
  return neonTransport(`postgres://breakwater:breakwater@${node}.breakwater.local/marketplace`);
}

function run(transport: Transport, step: Step, signal: AbortSignal): Promise<unknown> {
  return "query" in step ? transport.query(step.query, signal) : transport.batch(step.batch, signal);
}

function failed(error: unknown): Outcome {
  if (!(error instanceof TransportFailure)) return { thrown: String(error) };
  const { kind, message, sqlstate, status, constraint, table } = error;
  return JSON.parse(JSON.stringify({ failure: { kind, message, sqlstate, status, constraint, table } }));
}

/** Tags what JSON would change on its way, so that the test sees what the transport gave. */
function portable(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  if (typeof value === "bigint" || value instanceof Date || ArrayBuffer.isView(value)) {
    return { foreign: Object.prototype.toString.call(value) };
  }
  if (Array.isArray(value)) return value.map(portable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, portable(item)]));
}
