import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseConnectionString } from "./connectionString.ts";
import { EndpointError } from "./endpointError.ts";
import type { Ending, FaultBook, FaultPlan } from "./faults/faultBook.ts";
import { parsePayload, type Statement } from "./payload.ts";
import { readBody } from "./readBody.ts";
import { echoedHeaders, parseRequestOptions } from "./requestOptions.ts";
import { runStatements } from "./runStatements.ts";
import { sendJson } from "./sendJson.ts";
import type { Statistics } from "./statistics.ts";
import type { Upstream } from "./upstream.ts";
import type { Address } from "./upstreamConnection.ts";

export interface SqlContext {
  readonly resolve: (label: string) => Address | undefined;
  readonly upstream: Upstream;
  readonly faults: FaultBook;
  readonly statistics: Statistics;
  readonly onStatements: ((statements: readonly Statement[]) => void) | undefined;
}

/** `POST /sql`. Never throws: what goes wrong is the answer, or there is nobody left to get one. */
export async function handleSql(
  request: IncomingMessage,
  response: ServerResponse,
  context: SqlContext,
): Promise<void> {
  const client = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) client.abort();
  });
  let node: string | undefined;
  let ended = () => {};
  let outcome: "answered" | "error" | "abandoned" = "answered";
  try {
    const options = parseRequestOptions(request.headers);
    const target = parseConnectionString(oneHeader(request.headers["neon-connection-string"]));
    const address = context.resolve(target.label);
    if (!address) throw unknownEndpoint();
    node = target.label;
    context.statistics.begin(node);
    const payload = parsePayload(await readBody(request));
    context.onStatements?.(payload.statements);
    context.statistics.statements(node, payload.statements.length, options.queryNames);
    ended = context.statistics.run(node, options.queryNames);
    const plan = context.faults.take(node, options.queryNames);
    const answer = await withFaults(plan, client.signal, async () => {
      const acquired = context.upstream.acquire(address, target, client.signal);
      const { connection, release } = await lateFailure(acquired, plan.hiddenRetryMs, client.signal);
      try {
        return await runStatements(connection, payload, options, client.signal);
      } finally {
        release();
      }
    });
    if (answer === "drop") {
      outcome = "error";
      request.socket.resetAndDestroy();
      return;
    }
    sendJson(response, 200, answer.json, payload.kind === "batch" ? echoedHeaders(options.transaction) : {});
  } catch (error) {
    outcome = client.signal.aborted ? "abandoned" : "error";
    if (!client.signal.aborted) sendError(response, error);
  } finally {
    ended();
    if (node !== undefined) context.statistics.end(node, outcome);
  }
}

/** Runs the statements with what the plan adds around them. `drop`: the connection is to be reset. */
async function withFaults(
  plan: FaultPlan,
  signal: AbortSignal,
  run: () => Promise<string>,
): Promise<"drop" | { readonly json: string }> {
  await wait(plan.wakeMs, signal);
  try {
    if (plan.before) return await ended(plan.before, signal);
    const json = await run();
    return plan.after ? await ended(plan.after, signal) : { json };
  } finally {
    await wait(plan.delayMs, signal);
  }
}

/** What a node that cannot be reached says, `ms` later. */
async function lateFailure<T>(acquired: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  try {
    return await acquired;
  } catch (error) {
    if (error instanceof EndpointError && error.status === 500) await wait(ms, signal);
    throw error;
  }
}

async function ended(ending: Ending, signal: AbortSignal): Promise<"drop"> {
  switch (ending.kind) {
    case "drop":
      return "drop";
    case "black-hole": {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.throwIfAborted();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      return promise;
    }
    case "status": {
      const { code } = ending;
      if (code === 408 || code === 429 || code === 503) throw EndpointError.router(code, routerMessage(code));
      throw EndpointError.of(code, { message: "Couldn't connect to compute node" });
    }
    case "empty-code":
      throw EndpointError.of(400, { message: "connection closed" });
    default:
      return ending satisfies never;
  }
}

function routerMessage(code: 408 | 429 | 503): string {
  if (code === 429) return "too many requests";
  return code === 408 ? "request timeout" : "Shutting down";
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal });
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function unknownEndpoint(): EndpointError {
  return EndpointError.of(400, {
    message:
      "The requested endpoint could not be found, or you don't have access to it. Please check the provided ID and try again.",
  });
}

function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof EndpointError
      ? error
      : EndpointError.of(500, { message: error instanceof Error ? error.message : String(error) });
  // The rest of an oversized body may still be on its way: the connection is of no more use.
  sendJson(response, known.status, known.body, known.status === 413 ? { Connection: "close" } : {});
}
