import { statSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../run.ts";

/** One test of the package. No kind: required. */
export interface CacheTest {
  readonly id: string;
  readonly kind?: "required" | "optimal" | "check";
  readonly browser_only?: boolean;
  readonly depends_on?: readonly string[];
}

interface CacheSuite {
  readonly id: string;
  readonly tests: readonly CacheTest[];
}

/** `true`, or the kind of failure and its words. */
export type RawResult = true | readonly [kind: string, words: string];

/** The package, as far as it is used here. */
export interface HttpCacheTests {
  readonly suites: readonly CacheSuite[];
  /** Runs them against a base URL, so many at once; the results by test. */
  run(suites: readonly CacheSuite[], base: string): Promise<Readonly<Record<string, RawResult>>>;
  /** Its origin, on loopback. */
  startOrigin(): Promise<{ readonly url: string; close(): Promise<void> }>;
}

/** Apart from everything else, since it brings an old npm along. */
const FOLDER = "tools/http-cache-tests";
const AT_ONCE = 25;

/** Whether what is installed is what the lock file says. */
function isInstalled(): boolean {
  const [installed, wanted] = ["node_modules/.package-lock.json", "package-lock.json"].map((file) =>
    statSync(join(FOLDER, file), { throwIfNoEntry: false }),
  );
  return installed !== undefined && wanted !== undefined && installed.mtimeMs >= wanted.mtimeMs;
}

async function install(): Promise<void> {
  if (isInstalled()) return;
  const { code, output } = await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", FOLDER], {
    capture: true,
  });
  if (code !== 0) throw new Error(`The tests could not be installed:\n${output}`);
}

/** The package, installed by its own lock file where it is not yet; no script of it is run. */
export async function openHttpCacheTests(): Promise<HttpCacheTests> {
  await install();
  const root = resolve(FOLDER, "node_modules/http-cache-tests");
  const load = async (file: string) => import(pathToFileURL(join(root, file)).href);
  const fetchLikeTheirs: unknown = createRequire(join(root, "cli.mjs"))("node-fetch");
  const { runTests, getResults } = await load("client/runner.mjs");
  const { default: suites } = await load("tests/index.mjs");
  return {
    suites: suites as CacheSuite[],
    run: async (chosen, base) => {
      await runTests(chosen, fetchLikeTheirs, false, base, AT_ONCE);
      return getResults() as Record<string, RawResult>;
    },
    startOrigin: async () => {
      // Not their own server, which listens to the whole network and writes a file.
      const handlers: Record<string, (segments: string[], ...call: Parameters<RequestListener>) => void> = {};
      for (const name of ["config", "test", "state"]) {
        handlers[name] = (await load(`server/handle-${name}.mjs`)).default;
      }
      const server = createServer((request, response) => {
        const [, name = "", ...segments] = new URL(request.url ?? "/", "http://origin.invalid").pathname.split("/");
        const handler = handlers[name];
        if (handler) handler(segments, request, response);
        else response.writeHead(404).end();
      });
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () => closed(server),
      };
    },
  };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}
