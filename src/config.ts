import * as z from "zod/mini";
import { SPILL_READS_PER_S } from "./breaker/admission/constants.ts";
import { KV_WRITES_A_DAY, SUBREQUESTS } from "./cache/constants.ts";
import { type Dsn, readDsn } from "./telemetry/errors/readDsn.ts";

const mode = z.enum(["off", "observe", "on"]);
/** How a part of Breakwater acts: `off` not at all, `observe` only on paper, `on` for real. */
type Mode = z.infer<typeof mode>;
const nodeName = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,30}$/));
/** What a variable can be called, and a connection string cannot: mistakes name it, and `/health` shows mistakes. */
const variableName = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,100}$/));

const nodeSchema = z.discriminatedUnion("transport", [
  z.strictObject({
    name: nodeName,
    region: z._default(z.string(), ""),
    transport: z.literal("neon"),
    secret: variableName,
    maySleep: z._default(z.boolean(), false),
  }),
  z.strictObject({
    name: nodeName,
    region: z._default(z.string(), ""),
    transport: z.literal("hyperdrive"),
    binding: variableName,
    maySleep: z._default(z.boolean(), false),
  }),
]);

const exposure = z.enum(["always", "admin", "off"]);
/** Who is shown something: everybody, the bearers of an admin token, nobody. */
type Exposure = z.infer<typeof exposure>;

/** One database node, with the connection string already looked up. */
interface NodeConfig {
  readonly name: string;
  readonly region: string;
  readonly transport: "neon" | "hyperdrive";
  readonly maySleep: boolean;
  readonly connectionString: string;
}

/** The environment, typed and checked. */
export interface Config {
  /** The whole's mode, and each part's. */
  readonly mode: Mode;
  readonly modes: Readonly<Record<"breaker" | "replicas" | "cache", Mode>>;
  readonly nodes: readonly NodeConfig[];
  /** The first is current; none: there is no admin. */
  readonly adminTokens: readonly string[];
  /** Keys of session tokens: the first signs, all verify. None: there are no session tokens. */
  readonly sessionKeys: readonly string[];
  readonly exposeRoute: Exposure;
  /** Who is told more by `/health` than its status and which services answer. */
  readonly exposeHealth: Exposure;
  /** Where the Neon driver sends its requests, if not to Neon. */
  readonly neonEndpoint: string | undefined;
  /** What this deployment is called in error reports; two of one host share no copies. */
  readonly environment: string;
  /** Where errors are reported; undefined: nowhere. */
  readonly sentry: Dsn | undefined;
  /** Reads a second that the whole world may send the primary in place of its replicas. */
  readonly spillReadsPerS: number;
  /** Of so many current copies that are given one is compared with the database; 0: none. */
  readonly cacheAuditOneIn: number;
  /** KV writes a day that shared answers may cost; the free plan has 1,000. */
  readonly cacheKvWritesADay: number;
  /** Calls that the plan allows one invocation: a warming run keeps within them; 0: nothing is warmed. */
  readonly cacheWarmSubrequests: number;
  /** The share of requests that write a log line; errors all do. */
  readonly logSample: number;
}

/** The environment is wrong: the message names every mistake, one sentence each, and no secret's value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "configuration";
  /** Whether `/health` may repeat it to everybody, as `EXPOSE_HEALTH` says. */
  readonly isPublic: boolean;

  constructor(message: string, isPublic = true) {
    super(message);
    this.isPublic = isPublic;
  }
}

/** Reads the environment; throws `ConfigError` naming every mistake in it. */
export function readConfig(env: Readonly<Record<string, unknown>>): Config {
  const mistakes: string[] = [];
  const wholeMode = pick(env, "BREAKWATER_MODE", mode, "observe", "off, observe or on", mistakes);
  const modes: Config["modes"] = {
    breaker: pick(env, "BREAKWATER_MODE_BREAKER", mode, wholeMode, "off, observe or on", mistakes),
    replicas: pick(env, "BREAKWATER_MODE_REPLICAS", mode, wholeMode, "off, observe or on", mistakes),
    cache: pick(env, "BREAKWATER_MODE_CACHE", mode, wholeMode, "off, observe or on", mistakes),
  };
  const config: Config = {
    mode: wholeMode,
    modes,
    nodes: readNodes(env, mistakes),
    sessionKeys: readSessionKeys(env, modes.replicas === "on", mistakes),
    adminTokens: readSecrets(env, "ADMIN_TOKENS", "token", mistakes),
    exposeRoute: pick(env, "EXPOSE_ROUTE", exposure, "admin", "always, admin or off", mistakes),
    exposeHealth: pick(env, "EXPOSE_HEALTH", exposure, "always", "always, admin or off", mistakes),
    neonEndpoint: readEndpoint(env, mistakes),
    environment: readName(env, "BREAKWATER_ENVIRONMENT", "production", mistakes),
    sentry: readSentry(env, mistakes),
    spillReadsPerS: readNumber(env, "SPILL_READS_PER_S", "rate", SPILL_READS_PER_S, mistakes),
    cacheAuditOneIn: readNumber(env, "CACHE_AUDIT_ONE_IN", "count", 0, mistakes),
    cacheKvWritesADay: readNumber(env, "CACHE_KV_WRITES_A_DAY", "count", KV_WRITES_A_DAY.paid, mistakes),
    cacheWarmSubrequests: readNumber(env, "CACHE_WARM_SUBREQUESTS", "count", SUBREQUESTS.paid, mistakes),
    logSample: readNumber(env, "LOG_SAMPLE", "share", 0.01, mistakes),
  };
  if (mistakes.length > 0) {
    // Whoever set it to anything but `always`, also in error, wanted something hidden; the log names it all the same.
    const isPublic = config.exposeHealth === "always" && !mistakes.some((each) => each.startsWith("EXPOSE_HEALTH"));
    throw new ConfigError(mistakes.join(" "), isPublic);
  }
  return config;
}

function pick<T extends string>(
  env: Readonly<Record<string, unknown>>,
  name: string,
  schema: z.ZodMiniType<T>,
  otherwise: T,
  expected: string,
  mistakes: string[],
): T {
  if (env[name] === undefined || env[name] === "") return otherwise;
  const parsed = schema.safeParse(env[name]);
  if (parsed.success) return parsed.data;
  mistakes.push(`${name} must be ${expected}.`); // without what came: it may be a secret in the wrong place
  return otherwise;
}

function readNodes(env: Readonly<Record<string, unknown>>, mistakes: string[]): NodeConfig[] {
  const text = env.BREAKWATER_NODES;
  if (typeof text !== "string" || text === "") {
    mistakes.push("BREAKWATER_NODES is missing: a JSON list of nodes, the primary first.");
    return [];
  }
  const parsed = z.array(nodeSchema).check(z.minLength(1), z.maxLength(16)).safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? ` at ${issue.path.join(".")}` : "";
    mistakes.push(`BREAKWATER_NODES is not a list of nodes${where}: ${issue?.message ?? "not JSON"}.`);
    return [];
  }
  const names = parsed.data.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) mistakes.push(`BREAKWATER_NODES names ${twice} twice.`);
  return parsed.data.map((node) => ({
    name: node.name,
    region: node.region,
    transport: node.transport,
    maySleep: node.maySleep,
    connectionString: node.transport === "neon" ? secretOf(env, node, mistakes) : bindingOf(env, node, mistakes),
  }));
}

function secretOf(
  env: Readonly<Record<string, unknown>>,
  { name, secret }: { name: string; secret: string },
  mistakes: string[],
): string {
  const value = env[secret];
  if (typeof value === "string" && /^postgres(ql)?:\/\/[^:@/]+:[^@/]+@[^/]+\/./.test(value)) return value;
  mistakes.push(
    value === undefined
      ? `The secret ${secret} of ${name} is missing: set it with \`wrangler secret put ${secret}\`.`
      : `The secret ${secret} of ${name} is not postgres://user:password@host/database.`,
  );
  return "";
}

function bindingOf(
  env: Readonly<Record<string, unknown>>,
  { name, binding }: { name: string; binding: string },
  mistakes: string[],
): string {
  const value = env[binding] as { connectionString?: unknown } | undefined;
  if (typeof value?.connectionString === "string") return value.connectionString;
  mistakes.push(`The Hyperdrive binding ${binding} of ${name} is missing: add it to wrangler.toml.`);
  return "";
}

/** Secrets of one kind, separated by commas: several, so that one can be replaced while the other still counts. */
function readSecrets(
  env: Readonly<Record<string, unknown>>,
  name: string,
  kind: string,
  mistakes: string[],
): readonly string[] {
  const text = env[name];
  if (text === undefined || text === "") return [];
  const secrets = String(text)
    .split(",")
    .map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < 16)) mistakes.push(`${name} holds a ${kind} of under 16 characters.`);
  return secrets;
}

function readSessionKeys(
  env: Readonly<Record<string, unknown>>,
  isNeeded: boolean,
  mistakes: string[],
): readonly string[] {
  const keys = readSecrets(env, "SESSION_KEYS", "key", mistakes);
  if (isNeeded && keys.length === 0) {
    mistakes.push(
      "SESSION_KEYS is missing: reads go to replicas, and without a key no session can prove what it wrote. Set it with `wrangler secret put SESSION_KEYS` (`openssl rand -base64 32` makes one).",
    );
  }
  return keys;
}

function readEndpoint(env: Readonly<Record<string, unknown>>, mistakes: string[]): string | undefined {
  const value = env.NEON_ENDPOINT;
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && URL.canParse(value) && /^https?:/.test(value)) return value;
  mistakes.push("NEON_ENDPOINT is not an http or https URL.");
  return undefined;
}

function readSentry(env: Readonly<Record<string, unknown>>, mistakes: string[]): Dsn | undefined {
  const reading = readDsn(env.SENTRY_DSN === undefined ? undefined : String(env.SENTRY_DSN));
  if (reading.kind === "mistake") mistakes.push(reading.mistake);
  return reading.kind === "on" ? reading.dsn : undefined;
}

function readName(env: Readonly<Record<string, unknown>>, name: string, otherwise: string, mistakes: string[]): string {
  const value = env[name];
  if (value === undefined || value === "") return otherwise;
  if (typeof value === "string" && /^[a-z][a-z0-9-]{0,30}$/.test(value)) return value;
  mistakes.push(`${name} must be up to 31 lower-case letters, digits and dashes, a letter first.`);
  return otherwise;
}

/** What a number may be, and how that is said. */
const NUMBERS = {
  share: { fits: (n: number) => n >= 0 && n <= 1, says: "a number from 0 to 1" },
  rate: { fits: (n: number) => Number.isFinite(n) && n >= 0, says: "a number of reads a second, 0 or more" },
  count: { fits: (n: number) => Number.isInteger(n) && n >= 0, says: "a whole number, 0 or more" },
} as const;

function readNumber(
  env: Readonly<Record<string, unknown>>,
  name: string,
  kind: keyof typeof NUMBERS,
  otherwise: number,
  mistakes: string[],
): number {
  const value = env[name];
  if (value === undefined || value === "") return otherwise;
  const number = Number(value);
  const { fits, says } = NUMBERS[kind];
  if (fits(number)) return number;
  mistakes.push(`${name} must be ${says}.`);
  return otherwise;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
