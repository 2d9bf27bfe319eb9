import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../../src/config.ts";

const SECRET_URL = "postgres://owner:s3kret@ep-one.example/neondb";
const NEON = { name: "node-1", transport: "neon", secret: "DATABASE_URL_ONE" };
const HYPERDRIVE = { name: "node-2", transport: "hyperdrive", binding: "REPLICA", region: "weur", maySleep: true };
const GOOD: Readonly<Record<string, unknown>> = {
  BREAKWATER_NODES: JSON.stringify([NEON, HYPERDRIVE]),
  DATABASE_URL_ONE: SECRET_URL,
  REPLICA: { connectionString: "postgres://hyper:drive@local/db" },
};

/** What is said of this environment. */
function messageOf(env: Readonly<Record<string, unknown>>): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return String(error);
  }
  throw new Error("the environment was taken for good");
}

const nodes = (...list: unknown[]) => ({ ...GOOD, BREAKWATER_NODES: JSON.stringify(list) });

describe("a good environment", () => {
  test("gives every node its connection string, and a default to what is not said", () => {
    expect(readConfig(GOOD)).toEqual({
      spillReadsPerS: 200,
      cacheAuditOneIn: 0,
      cacheKvWritesADay: 33_000,
      cacheWarmSubrequests: 10_000,
      mode: "observe",
      modes: { breaker: "observe", replicas: "observe", cache: "observe" },
      nodes: [
        { name: "node-1", region: "", transport: "neon", maySleep: false, connectionString: SECRET_URL },
        {
          name: "node-2",
          region: "weur",
          transport: "hyperdrive",
          maySleep: true,
          connectionString: "postgres://hyper:drive@local/db",
        },
      ],
      adminTokens: [],
      sessionKeys: [],
      exposeRoute: "admin",
      exposeHealth: "always",
      neonEndpoint: undefined,
      environment: "production",
      sentry: undefined,
      logSample: 0.01,
    });
  });

  test("has the whole's mode unless the part has its own", () => {
    const on = { ...GOOD, BREAKWATER_MODE: "on", SESSION_KEYS: "0123456789abcdef" };
    expect(readConfig(on).mode).toBe("on");
    const { modes } = readConfig({ ...on, BREAKWATER_MODE_REPLICAS: "off" });
    expect(modes).toEqual({ breaker: "on", replicas: "off", cache: "on" });
    expect(readConfig({ ...on, BREAKWATER_MODE_CACHE: "" }).modes.cache).toBe("on");
  });

  test("may say where errors go, how many requests are logged and what it is called", () => {
    const SENTRY_DSN = "https://0123456789abcdef@sentry.example.com/42";
    const said = readConfig({ ...GOOD, SENTRY_DSN, LOG_SAMPLE: "0", BREAKWATER_ENVIRONMENT: "staging-2" });
    expect(said).toMatchObject({ sentry: { text: SENTRY_DSN }, logSample: 0, environment: "staging-2" });
  });

  test("may list several tokens of the admin, the current one first", () => {
    const ADMIN_TOKENS = "0123456789abcdef, fedcba9876543210";
    expect(readConfig({ ...GOOD, ADMIN_TOKENS }).adminTokens).toEqual(["0123456789abcdef", "fedcba9876543210"]);
  });

  test("may list several keys of sessions; needs none where reads go to the primary alone", () => {
    const SESSION_KEYS = "0123456789abcdef,fedcba9876543210";
    expect(readConfig({ ...GOOD, SESSION_KEYS }).sessionKeys).toEqual(["0123456789abcdef", "fedcba9876543210"]);
    expect(readConfig({ ...GOOD, BREAKWATER_MODE: "on", BREAKWATER_MODE_REPLICAS: "observe" }).sessionKeys).toEqual([]);
  });
});

describe("a mistake", () => {
  test.for<[string, Readonly<Record<string, unknown>>, string]>([
    ["no key for sessions where replicas are read", { ...GOOD, BREAKWATER_MODE: "on" }, "SESSION_KEYS"],
    ["a key of sessions that can be guessed", { ...GOOD, SESSION_KEYS: "short" }, "SESSION_KEYS"],
    ["a missing list of nodes", { ...GOOD, BREAKWATER_NODES: undefined }, "BREAKWATER_NODES"],
    ["an empty list of nodes", nodes(), "BREAKWATER_NODES"],
    ["a list that is not JSON", { ...GOOD, BREAKWATER_NODES: "node-1" }, "BREAKWATER_NODES"],
    ["a list that is not text", { ...GOOD, BREAKWATER_NODES: [NEON] }, "BREAKWATER_NODES"],
    ["an unknown transport", nodes({ ...NEON, transport: "http" }), "BREAKWATER_NODES"],
    ["a misspelt field", nodes({ ...NEON, maysleep: true }), "BREAKWATER_NODES"],
    ["a name in capitals", nodes({ ...NEON, name: "Node 1" }), "BREAKWATER_NODES"],
    ["a node without its secret's name", nodes({ ...NEON, secret: undefined }), "BREAKWATER_NODES"],
    ["seventeen nodes", nodes(...Array.from({ length: 17 }, (_, i) => ({ ...NEON, name: `n${i}` }))), "NODES"],
    ["a name used twice", nodes(NEON, NEON), "BREAKWATER_NODES names node-1 twice"],
    ["a missing secret", { ...GOOD, DATABASE_URL_ONE: undefined }, "DATABASE_URL_ONE"],
    ["an empty secret", { ...GOOD, DATABASE_URL_ONE: "" }, "DATABASE_URL_ONE"],
    ["a secret without a database", { ...GOOD, DATABASE_URL_ONE: "postgres://u:p@host" }, "DATABASE_URL_ONE"],
    ["a secret without a password", { ...GOOD, DATABASE_URL_ONE: "postgres://u@host/db" }, "DATABASE_URL_ONE"],
    ["a missing binding", { ...GOOD, REPLICA: undefined }, "REPLICA"],
    ["a binding of another kind", { ...GOOD, REPLICA: "postgres://u:p@host/db" }, "REPLICA"],
    ["an unknown mode", { ...GOOD, BREAKWATER_MODE: "yes" }, "BREAKWATER_MODE"],
    ["an unknown mode of a part", { ...GOOD, BREAKWATER_MODE_REPLICAS: "yes" }, "BREAKWATER_MODE_REPLICAS"],
    ["an unknown exposure", { ...GOOD, EXPOSE_ROUTE: true }, "EXPOSE_ROUTE"],
    ["an unknown exposure of health", { ...GOOD, EXPOSE_HEALTH: "yes" }, "EXPOSE_HEALTH"],
    ["a short token", { ...GOOD, ADMIN_TOKENS: "0123456789abcdef,short" }, "ADMIN_TOKENS"],
    ["an unknown mode of the breaker", { ...GOOD, BREAKWATER_MODE_BREAKER: "ON" }, "BREAKWATER_MODE_BREAKER"],
    ["a DSN that is none", { ...GOOD, SENTRY_DSN: "https://sentry.example.com/1" }, "SENTRY_DSN"],
    ["a rate below nothing", { ...GOOD, SPILL_READS_PER_S: "-1" }, "SPILL_READS_PER_S"],
    ["a rate without end", { ...GOOD, SPILL_READS_PER_S: "Infinity" }, "SPILL_READS_PER_S"],
    ["audits of a part of a copy", { ...GOOD, CACHE_AUDIT_ONE_IN: "0.5" }, "CACHE_AUDIT_ONE_IN"],
    ["writes below none", { ...GOOD, CACHE_KV_WRITES_A_DAY: "-1" }, "CACHE_KV_WRITES_A_DAY"],
    ["half a call", { ...GOOD, CACHE_WARM_SUBREQUESTS: "0.5" }, "CACHE_WARM_SUBREQUESTS"],
    ["a share above one", { ...GOOD, LOG_SAMPLE: "1.5" }, "LOG_SAMPLE"],
    ["a share that is no number", { ...GOOD, LOG_SAMPLE: "all" }, "LOG_SAMPLE"],
    ["an environment that is no name", { ...GOOD, BREAKWATER_ENVIRONMENT: "Pre prod" }, "BREAKWATER_ENVIRONMENT"],
    ["an endpoint that is no URL", { ...GOOD, NEON_ENDPOINT: "localhost" }, "NEON_ENDPOINT"],
    ["an endpoint of another protocol", { ...GOOD, NEON_ENDPOINT: "localhost:4444" }, "NEON_ENDPOINT"],
  ])("like %s is named", ([, env, name]) => {
    expect(messageOf(env)).toContain(name);
  });

  test.for<[unknown, boolean]>([
    [undefined, true],
    ["", true],
    ["always", true],
    ["admin", false],
    ["off", false],
    ["alwaysss", false],
  ])("beside EXPOSE_HEALTH %o may be shown to everybody: %s", ([EXPOSE_HEALTH, isPublic]) => {
    const read = () => readConfig({ ...GOOD, BREAKWATER_MODE: "yes", EXPOSE_HEALTH });
    expect(read).toThrow(expect.objectContaining({ name: "ConfigError", isPublic }));
  });

  test("does not hide the others", () => {
    const message = messageOf({ ...GOOD, BREAKWATER_MODE: "yes", REPLICA: undefined, DATABASE_URL_ONE: undefined });
    for (const name of ["BREAKWATER_MODE", "REPLICA", "DATABASE_URL_ONE"]) expect(message).toContain(name);
  });

  test.for<[string, Readonly<Record<string, unknown>>]>([
    ["as a malformed secret", { ...GOOD, DATABASE_URL_ONE: "postgres://s3kret" }],
    ["where the secret's name belongs", nodes({ ...NEON, secret: SECRET_URL })],
    ["where the binding's name belongs", nodes({ ...HYPERDRIVE, binding: SECRET_URL })],
    ["as a field of the node", nodes({ ...NEON, connectionString: SECRET_URL })],
    ["as the node's name", nodes({ ...NEON, name: SECRET_URL })],
    ["as the list of nodes", { ...GOOD, BREAKWATER_NODES: SECRET_URL }],
    ["as the mode", { ...GOOD, BREAKWATER_MODE: SECRET_URL }],
    ["as a short token", { ...GOOD, ADMIN_TOKENS: "s3kret" }],
    ["as the endpoint", { ...GOOD, NEON_ENDPOINT: SECRET_URL }],
  ])("never tells a secret that came %s", ([, env]) => {
    expect(messageOf(env)).not.toContain("s3kret");
  });
});
