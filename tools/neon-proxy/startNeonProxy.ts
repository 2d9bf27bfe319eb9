/**
 * A local stand-in for Neon's SQL-over-HTTP endpoint, so that `@neondatabase/serverless` works unchanged against
 * Postgres on this machine, with faults to order. Imports nothing of the Worker. No WebSocket.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AdminContext, adminAnswer } from "./adminRoutes.ts";
import { HTTP_KEEP_ALIVE_MS } from "./constants.ts";
import { FaultBook } from "./faults/faultBook.ts";
import type { FaultInput } from "./faults/faultSchema.ts";
import type { Statement } from "./payload.ts";
import { sendJson } from "./sendJson.ts";
import { handleSql, type SqlContext } from "./sqlRoute.ts";
import { type NodeStatistics, Statistics } from "./statistics.ts";
import { Upstream } from "./upstream.ts";
import type { Address } from "./upstreamConnection.ts";

export interface NeonProxyOptions {
  /** Taken when free, else another; 0 (the default) takes any. */
  readonly port?: number;
  /** Where a node listens now, by the first label of the connection string's host; undefined when there is none. */
  readonly resolve: (label: string) => Address | undefined;
  /** The clock of the sleeping fault, in milliseconds; default `Date.now`. */
  readonly now?: () => number;
  /** Told of what each request is to run, before it runs. Default: nobody. */
  readonly onStatements?: ((statements: readonly Statement[]) => void) | undefined;
}

/** A node's counts, with the connections held to it. */
interface ProxyStatistics extends NodeStatistics {
  readonly upstream: { readonly connections: number; readonly idle: number; readonly waiting: number };
}

export interface NeonProxy {
  /** Where it listens, without a slash at the end. The driver's `fetchEndpoint` is `${url}/sql`. */
  readonly url: string;
  readonly port: number;
  readonly faults: {
    /** Replaces the node's faults. @throws {Error} naming the field that is wrong. */
    set(node: string, fault: FaultInput | readonly FaultInput[]): void;
    /** Clears one node's faults, or all. */
    clear(node?: string): void;
  };
  stats(): Readonly<Record<string, ProxyStatistics>>;
  resetStats(): void;
  /** Ends everything at once, requests that hang included. */
  close(): Promise<void>;
}

/** Starts the endpoint on 127.0.0.1. @throws {Error} when it cannot listen there. */
export async function startNeonProxy(options: NeonProxyOptions): Promise<NeonProxy> {
  const { port = 0, resolve, now = Date.now, onStatements } = options;
  const upstream = new Upstream();
  const faults = new FaultBook(now);
  const statistics = new Statistics();
  const stats = () => withUpstream(statistics.list(), upstream);
  const sql: SqlContext = { resolve, upstream, faults, statistics, onStatements };
  const admin: AdminContext = {
    faults,
    knows: (node) => resolve(node) !== undefined,
    statistics: stats,
    resetStatistics: () => statistics.reset(),
  };

  const server = createServer((request, response) => void route(request, response, sql, admin));
  server.keepAliveTimeout = HTTP_KEEP_ALIVE_MS;
  const taken = await listen(server, port);

  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    faults: { set: (node, fault) => faults.set(node, fault), clear: (node) => faults.clear(node) },
    stats,
    resetStats: () => statistics.reset(),
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      upstream.close();
      await closed;
    },
  };
}

async function listen(server: Server, preferred: number): Promise<number> {
  try {
    server.listen(preferred, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const isTaken = preferred !== 0 && error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!isTaken) throw error;
    return listen(server, 0);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the endpoint listens on no TCP port");
  return address.port;
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  sql: SqlContext,
  admin: AdminContext,
): Promise<void> {
  const path = request.url?.split("?", 1)[0];
  if (path === "/sql" && request.method === "POST") return handleSql(request, response, sql);
  if (path === "/sql" && request.method === "OPTIONS") return sendPreflight(response);
  try {
    const answer = await adminAnswer(request, admin);
    if (answer?.status === 204) response.writeHead(204).end();
    else if (answer)
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
    else sendJson(response, 400, JSON.stringify("query is not supported"));
  } catch {
    // The client left in the middle of its body.
    response.destroy();
  }
}

function sendPreflight(response: ServerResponse): void {
  response.writeHead(200, {
    Allow: "OPTIONS, POST",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers":
      "Authorization, Neon-Connection-String, Neon-Raw-Text-Output, Neon-Array-Mode, Neon-Pool-Opt-In, " +
      "Neon-Batch-Read-Only, Neon-Batch-Isolation-Level, Neon-Batch-Deferrable",
    "Access-Control-Max-Age": "86400",
    "Content-Length": 0,
  });
  response.end();
}

function withUpstream(nodes: Record<string, NodeStatistics>, upstream: Upstream): Record<string, ProxyStatistics> {
  return Object.fromEntries(
    Object.entries(nodes).map(([node, counts]) => [node, { ...counts, upstream: upstream.counts(node) }]),
  );
}
