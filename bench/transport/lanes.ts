import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { startWorker } from "../../tools/local/startWorker.ts";
import { startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";
import { bundleEntry } from "../bundleEntry.ts";
import type { Lab } from "../lab.ts";
import type { Call, Lane, LaneRequest } from "./lane.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

export interface Lanes {
  /** The ways to the primary. */
  readonly toDatabase: readonly Lane[];
  /** A request to the Worker that asks no database. */
  readonly floor: Lane;
  /** The kept connection of the lane `pg`, for preparations. */
  readonly client: Client;
}

/** Opens the ways to one node: two from workerd, and bare `pg` from here, on one kept connection and on new ones. */
export async function openLanes(
  lab: Lab,
  node: { host: string; port: number; connectionString: string },
): Promise<Lanes> {
  const { connectionString } = node;
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: () => node }),
    (started) => started.close(),
  );
  const bundle = await lab.start(
    () => bundleEntry(WORKER, join(lab.root, "bundle")),
    async () => {}, // its folder goes with the laboratory
  );
  const worker = await lab.start(
    () =>
      startWorker({
        bundle,
        environment: {
          NEON_ENDPOINT: `${proxy.url}/sql`,
          DATABASE_URL: "postgres://breakwater:breakwater@node-1.breakwater.local/marketplace",
        },
        port: 0,
        hyperdrives: { HYPERDRIVE: connectionString },
      }),
    (started) => started.close(),
  );
  const client = await lab.start(
    async () => {
      const opening = new Client({ connectionString });
      opening.on("error", () => {}); // an interrupt takes the server away
      await opening.connect();
      return opening;
    },
    (started) => started.end(),
  );
  const throughWorker = (transport: LaneRequest["transport"]): Lane => ({
    name: transport,
    ask: (call) => post(worker.url, transport === "none" ? { transport } : { transport, call }),
  });
  return {
    toDatabase: [
      throughWorker("neon"),
      throughWorker("hyperdrive"),
      { name: "pg", ask: (call) => askDirectly(client, call) },
      { name: "pgNew", ask: (call) => askAnew(connectionString, call) },
    ],
    floor: throughWorker("none"),
    client,
  };
}

/** On a connection of its own, as a Worker must; ended after the answer, as there. */
async function askAnew(connectionString: string, call: Call): Promise<void> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  try {
    await askDirectly(client, call);
  } finally {
    client.end().catch(() => {});
  }
}

async function post(url: string, request: LaneRequest): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(request) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`The ${request.transport} lane failed: ${text}`);
}

/** As `pg` is commonly used: one statement after the other, its own parsers. */
async function askDirectly(client: Client, call: Call): Promise<void> {
  if ("query" in call) {
    await client.query(call.query.text, [...call.query.values]);
    return;
  }
  await client.query("BEGIN");
  for (const { text, values } of call.batch) await client.query(text, [...values]);
  await client.query("COMMIT");
}
