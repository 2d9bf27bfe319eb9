import { SpaceSaving } from "./cache/heat/spaceSaving.ts";
import { surelyHit } from "./cache/heat/surelyHit.ts";
import { MissCosts } from "./cache/missCosts.ts";
import type { CopyStore } from "./cache/tiers/cacheApi.ts";
import type { KvStore } from "./cache/tiers/kvTier.ts";
import { type Config, readConfig } from "./config.ts";
import { REQUEST_DEADLINE_MS } from "./database/constants.ts";
import { DatabaseState, type NodeAccess } from "./database/databaseState.ts";
import { hyperdriveTransport } from "./database/hyperdriveTransport.ts";
import { neonTransport, useNeonEndpoint } from "./database/neonTransport.ts";
import type { RequestOptions } from "./database/requestScope.ts";
import { TokenSigner } from "./database/tokenSigner.ts";
import type { EventContext } from "./eventContext.ts";
import type { Exchange } from "./exchange/exchange.ts";
import { Ledger } from "./exchange/ledger.ts";
import { ObjectAccess, objectBindings } from "./exchange/objectAccess.ts";
import { View } from "./exchange/view.ts";
import type { ChecksInFlight } from "./health/checks.ts";
import { openExchange } from "./openExchange.ts";
import { openShared, type SharedAnswersOfIsolate } from "./openShared.ts";
import { hintOfRegion } from "./rpc/locationHint.ts";
import type { KnownValues } from "./telemetry/dimensions.ts";
import { createErrorState, type ErrorState } from "./telemetry/errors/errorBudget.ts";
import { Instruments } from "./telemetry/instruments.ts";
import { logLine } from "./telemetry/logLine.ts";

/** What one isolate holds between requests, once its environment was read. */
export interface IsolateState {
  readonly config: Config;
  readonly database: DatabaseState;
  readonly checksInFlight: ChecksInFlight;
  readonly instruments: Instruments;
  /** Undefined where there are no keys: then no session takes anything along. */
  readonly signer: TokenSigner | undefined;
  readonly errors: ErrorState;
  /** What of the metrics' labels is known from the start. */
  readonly known: KnownValues;
  /** The objects; or which bindings are missing: then this isolate looks after itself alone. */
  readonly objects: ObjectAccess | { readonly missing: readonly string[] };
  /** Undefined where there are no objects, or the mode is off. */
  readonly exchange: Exchange | undefined;
  /** Undefined in mode `off`. */
  readonly shared: SharedAnswersOfIsolate | undefined;
}

/** What the platform gives; tests give their own. */
export interface Platform {
  /** The colo's Cache API; undefined: none. */
  readonly cache?: CopyStore | undefined;
  /** Routes and crons, for the metrics. */
  readonly known?: KnownValues;
}

/** Everything this isolate remembers. Module scope is shared by all Workers and objects of one process, so there is
 * exactly one, made by `index.ts`; tests make their own. */
export interface Isolate {
  /** The state, made at the first event. Throws `ConfigError` (each time) when the environment is wrong. */
  state(env: object): IsolateState;
}

export function createIsolate(platform: () => Platform = () => ({})): Isolate {
  let state: IsolateState | undefined;
  return {
    state(env) {
      state ??= makeState(env, readConfig(env as Readonly<Record<string, unknown>>), platform());
      return state;
    },
  };
}

function makeState(env: object, config: Config, { cache, known = {} }: Platform): IsolateState {
  if (config.nodes.some(({ transport }) => transport === "neon")) useNeonEndpoint(config.neonEndpoint);
  if (config.adminTokens.length === 0) logLine("info", { message: "No ADMIN_TOKENS: nobody is admin, no /metrics." });
  const nodes = config.nodes.map(({ name, maySleep, transport, connectionString }): NodeAccess => {
    if (transport === "hyperdrive") return { name, maySleep, open: () => hyperdriveTransport(connectionString) };
    const shared = neonTransport(connectionString); // holds no I/O, so requests may share it
    return { name, maySleep, open: () => shared };
  });
  const labels = { ...known, node: nodes.map(({ name }) => name) };
  const instruments = new Instruments(labels);
  const world = { view: new View(), ledger: new Ledger(), instruments };
  const database = new DatabaseState(nodes, world);
  const bindings = objectBindings(env);
  const ownersHint = hintOfRegion(config.nodes[0]?.region ?? "");
  if ("missing" in bindings) {
    logLine("info", { message: `Not bound: ${bindings.missing.join(", ")}. This isolate looks after itself alone.` });
  }
  const objects = "missing" in bindings ? bindings : new ObjectAccess(bindings, ownersHint);
  const signer = config.sessionKeys.length > 0 ? new TokenSigner(config.sessionKeys) : undefined;
  const base = {
    config,
    database,
    signer,
    checksInFlight: new Map(),
    instruments,
    errors: createErrorState(),
    known: labels,
  };
  const heat = new SpaceSaving();
  const misses = new MissCosts();
  const isTalking = objects instanceof ObjectAccess && config.mode !== "off";
  const exchange = isTalking
    ? openExchange({ ...base, objects }, cache, ownersHint, {
        take: () => surelyHit(heat.take()),
        takeMisses: () => misses.take(),
      })
    : undefined;
  database.gates.spillReadsPerS = config.spillReadsPerS;
  database.followsWorld = exchange !== undefined;
  database.askWorld = exchange && ((ms, waitUntil) => exchange.exchangeNow(ms, waitUntil));
  const shared = openShared({ ...base, objects, exchange }, { colo: cache, kv: kvOf(env) }, heat, misses);
  return { ...base, objects, exchange, shared };
}

/** The namespace for shared answers, where one is bound. */
function kvOf(env: object): KvStore | undefined {
  return "CACHE" in env ? (env.CACHE as KvStore) : undefined; // `wrangler.toml` binds a namespace by this name
}

/** What a request or cron run brings to the database. */
export function requestOptions(
  { config }: Pick<IsolateState, "config">,
  ctx: EventContext,
  deadlineMs: number = REQUEST_DEADLINE_MS,
): RequestOptions {
  return {
    deadline: { at: Date.now() + deadlineMs },
    mode: config.modes.replicas,
    breakerMode: config.modes.breaker,
    now: Date.now,
    random: Math.random,
    waitUntil: (work) => ctx.waitUntil(work),
  };
}
