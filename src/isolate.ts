import { type Config, readConfig } from "./config.ts";
import { REQUEST_DEADLINE_MS } from "./database/constants.ts";
import { DatabaseState, type NodeAccess } from "./database/databaseState.ts";
import { hyperdriveTransport } from "./database/hyperdriveTransport.ts";
import { neonTransport, useNeonEndpoint } from "./database/neonTransport.ts";
import type { RequestOptions } from "./database/requestScope.ts";
import type { EventContext } from "./eventContext.ts";
import type { ChecksInFlight } from "./health/checks.ts";

/** What one isolate holds between requests, once its environment was read. */
export interface IsolateState {
  readonly config: Config;
  readonly database: DatabaseState;
  readonly checksInFlight: ChecksInFlight;
}

/** Everything this isolate remembers. Module scope is shared by all Workers and objects of one process, so there is
 * exactly one, made by `index.ts`; tests make their own. */
export interface Isolate {
  /** The state, made at the first event. Throws `ConfigError` (each time) when the environment is wrong. */
  state(env: object): IsolateState;
}

export function createIsolate(): Isolate {
  let state: IsolateState | undefined;
  return {
    state(env) {
      state ??= makeState(readConfig(env as Readonly<Record<string, unknown>>));
      return state;
    },
  };
}

function makeState(config: Config): IsolateState {
  if (config.nodes.some(({ transport }) => transport === "neon")) useNeonEndpoint(config.neonEndpoint);
  const nodes = config.nodes.map(({ name, maySleep, transport, connectionString }): NodeAccess => {
    if (transport === "hyperdrive") return { name, maySleep, open: () => hyperdriveTransport(connectionString) };
    const shared = neonTransport(connectionString); // holds no I/O, so requests may share it
    return { name, maySleep, open: () => shared };
  });
  return { config, database: new DatabaseState(nodes), checksInFlight: new Map() };
}

/** What a request or cron run brings to the database. */
export function requestOptions(
  { config }: IsolateState,
  ctx: EventContext,
  deadlineMs: number = REQUEST_DEADLINE_MS,
): RequestOptions {
  return {
    deadline: { at: Date.now() + deadlineMs },
    mode: config.mode,
    now: Date.now,
    random: Math.random,
    waitUntil: (work) => ctx.waitUntil(work),
  };
}
