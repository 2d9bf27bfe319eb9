import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError, Option } from "commander";
import { Client } from "pg";
import { uuidv7 } from "../src/database/uuid.ts";
import { publishedPitch } from "../src/marketplace/queries/pitches.ts";
import { MAX_MARKS, type Token } from "../src/replicas/session/token.ts";
import { startWorker } from "../tools/local/startWorker.ts";
import { type NeonProxy, startNeonProxy } from "../tools/neon-proxy/startNeonProxy.ts";
import { ask } from "./ask.ts";
import type { Bench } from "./bench.ts";
import { bundleEntry } from "./bundleEntry.ts";
import { type FreshnessRequest, KINDS, type Kind, TRANSPORTS, type TransportName } from "./freshness/asked.ts";
import { pgbouncerVersion, startPgbouncer } from "./freshness/startPgbouncer.ts";
import type { Lab } from "./lab.ts";
import { percentiles, rounded } from "./percentiles.ts";
import { startDatabase } from "./startDatabase.ts";

const WARM_UP_ROUNDS = 30;
const WORKER = fileURLToPath(new URL("./freshness/worker.ts", import.meta.url));

/**
 * What a session's promise costs a read: one pitch by its id, the shortest query there is, so that what comes on top
 * weighs most. Timed from outside over HTTP, as `transport`; every kind over every transport once a round, in an order drawn
 * anew: whoever always came after the dearest one would pay for what that left to do.
 */
export const freshnessBench: Bench = {
  name: "freshness",
  summary:
    "p50 of a bare read, a session's with four marks, and a strict one, over Neon HTTP and Hyperdrive (pooled, and not)",
  options: [
    new Option("--rounds <n>", "times each kind is read over each transport").default(500).argParser((text: string) => {
      if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 100_000) return Number(text);
      throw new InvalidArgumentError("Give a whole number from 1 to 100000.");
    }),
  ],
  run: async (lab, { rounds }) => {
    const { url, proxy, token, pitch, pooler } = await start(lab);
    const transports = TRANSPORTS.filter((transport) => transport !== "hyperdrive" || pooler !== undefined);
    const kinds = transports.flatMap((transport) => KINDS.map((kind) => ({ transport, kind })));
    const tokens = new Map<TransportName, Token>();
    const read = async (transport: TransportName, kind: Kind): Promise<number> => {
      const brought = kind === "session" ? (tokens.get(transport) ?? token) : null;
      const asked: FreshnessRequest = { transport, kind, query: publishedPitch(pitch), token: brought };
      const { status, body, ms } = await ask({ url, body: asked });
      const said =
        status === 200 ? (JSON.parse(body) as { rows: number; node: string; token: Token | null }) : undefined;
      const node = kind === "strict" ? "node-1" : "node-2";
      if (said?.rows !== 1 || said.node !== node) throw new Error(`A ${kind} read over ${transport} failed: ${body}`);
      if (said.token) tokens.set(transport, said.token);
      return ms;
    };
    const times = new Map<string, number[]>();
    for (let round = -WARM_UP_ROUNDS; round < Number(rounds); round++) {
      if (round === 0) proxy.resetStats();
      for (const { transport, kind } of shuffled(kinds)) {
        const ms = await read(transport, kind);
        if (round >= 0) times.set(`${transport} ${kind}`, [...(times.get(`${transport} ${kind}`) ?? []), ms]);
      }
    }
    const requests = Object.values(proxy.stats()).reduce((sum, node) => sum + node.requests, 0);
    const of = (transport: TransportName) => {
      const p50 = (kind: Kind) => percentiles(times.get(`${transport} ${kind}`) ?? []).p50;
      const [bare, session, strict] = [p50("bare"), p50("session"), p50("strict")];
      return { bare, session, strict, ratio: rounded(session / bare) };
    };
    return {
      rounds,
      ...Object.fromEntries(transports.map((transport) => [transport, of(transport)])),
      pooler: pooler ?? "there is no pgbouncer here (apt-get install pgbouncer)",
      requestsPerRead: rounded(requests / (KINDS.length * Number(rounds))),
    };
  },
};

/** In any order, each as likely as the others. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

interface Started {
  readonly url: string;
  readonly proxy: NeonProxy;
  readonly token: Token;
  readonly pitch: string;
  /** The version of the pooler that stands for Hyperdrive's own; undefined: there is none. */
  readonly pooler: string | undefined;
}

async function start(lab: Lab): Promise<Started> {
  const cluster = await startDatabase(lab, { pitches: 20_000, seed: 1 });
  const nodes = await cluster.nodes();
  const addressOf = (name: string) => nodes.find((node) => node.name === name)?.connectionString ?? "";
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const pooler = pgbouncerVersion();
  const pooled =
    pooler === undefined
      ? addressOf // not asked
      : (
          await lab.start(
            () => startPgbouncer(join(lab.root, "pgbouncer"), nodes),
            (started) => started.close(),
          )
        ).addressOf;
  const bundle = await bundleEntry(WORKER, join(lab.root, "bundle"));
  const neon = (name: string) => `postgres://breakwater:breakwater@${name}.breakwater.local/marketplace`;
  const worker = await lab.start(
    () =>
      startWorker({
        bundle,
        environment: { NEON_ENDPOINT: `${proxy.url}/sql`, PRIMARY: neon("node-1"), REPLICA: neon("node-2") },
        port: 0,
        hyperdrives: {
          PRIMARY_DRIVE: pooled("node-1"),
          REPLICA_DRIVE: pooled("node-2"),
          PRIMARY_UNPOOLED: addressOf("node-1"),
          REPLICA_UNPOOLED: addressOf("node-2"),
        },
        hasObjects: false,
      }),
    (started) => started.close(),
  );
  const client = new Client({ connectionString: addressOf("node-1") });
  await client.connect();
  try {
    const marks = await plantMarks(client);
    const { rows } = await client.query("SELECT id FROM pitches WHERE status = 'published' LIMIT 1");
    return { url: worker.url, proxy, token: { marks, seen: null }, pitch: rows[0].id, pooler };
  } finally {
    await client.end();
  }
}

/** As many writes as a session can have to prove, on both nodes before anything is measured. */
async function plantMarks(client: Client): Promise<Token["marks"]> {
  const ids = Array.from({ length: MAX_MARKS }, () => uuidv7(Date.now()));
  for (const id of ids) await client.query("SELECT breakwater.mark($1, '{pitches}', 1)", [id]);
  return ids.map((id) => ({ id, epoch: "1" }));
}
