import { setTimeout as delay } from "node:timers/promises";
import { CANCEL_GRACE_MS, MAX_RESPONSE_BYTES } from "./constants.ts";
import { EndpointError } from "./endpointError.ts";
import type { Payload, Statement } from "./payload.ts";
import { postgresFields } from "./postgresFields.ts";
import { beginStatement, type RequestOptions } from "./requestOptions.ts";
import { resultJson } from "./resultJson.ts";
import type { GroupOutcome, StatementResult } from "./statementGroup.ts";
import type { UpstreamConnection } from "./upstreamConnection.ts";

const COMMIT: Statement = { text: "COMMIT", values: [] };
const ROLLBACK: Statement = { text: "ROLLBACK", values: [] };

/**
 * Runs a request's statements and returns the answer as JSON text. When `signal` is aborted (the client left) the query
 * is cancelled; a connection that does not come free within 100 ms is dropped.
 * @throws {EndpointError} for every answer that is no success.
 */
export async function runStatements(
  connection: UpstreamConnection,
  payload: Payload,
  options: RequestOptions,
  signal: AbortSignal,
): Promise<string> {
  const work =
    payload.kind === "single"
      ? runSingle(connection, payload, options)
      : runBatch(connection, payload, options, signal);
  const { promise: left, resolve: leave } = Promise.withResolvers<"left">();
  const onAbort = () => leave("left");
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) leave("left");
    const first = await Promise.race([work, left]);
    if (first !== "left") return first;
    await cancelWork(connection, work);
    throw EndpointError.of(400, { message: "Query cancelled, connection was terminated", code: "08P01" });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function cancelWork(connection: UpstreamConnection, work: Promise<string>): Promise<void> {
  const grace = AbortSignal.timeout(CANCEL_GRACE_MS);
  // Both, so that the cancellation cannot arrive after the connection went to somebody else.
  const ended = Promise.allSettled([connection.cancel(grace), work]).then(() => "ended");
  const outcome = await Promise.race([ended, delay(CANCEL_GRACE_MS, "stuck")]);
  if (outcome === "stuck") connection.destroy();
}

async function runSingle(connection: UpstreamConnection, payload: Payload, options: RequestOptions): Promise<string> {
  const results = resultsOf(await connection.run(payload.statements, MAX_RESPONSE_BYTES), connection);
  const [json = ""] = written(results, payload.statements, options);
  return json;
}

/**
 * Two round trips however many statements: BEGIN and all of them, then COMMIT. COMMIT is not sent along, because
 * a result that is too large, or a client that left, must roll the batch back.
 */
async function runBatch(
  connection: UpstreamConnection,
  payload: Payload,
  options: RequestOptions,
  signal: AbortSignal,
): Promise<string> {
  const begin: Statement = { text: beginStatement(options.transaction), values: [] };
  let json: string;
  try {
    const results = resultsOf(await connection.run([begin, ...payload.statements], MAX_RESPONSE_BYTES), connection);
    json = `{"results":[${written(results.slice(1), payload.statements, options).join(",")}]}`;
    signal.throwIfAborted();
  } catch (error) {
    if (connection.isAlive) await connection.run([ROLLBACK], MAX_RESPONSE_BYTES);
    throw error;
  }
  resultsOf(await connection.run([COMMIT], MAX_RESPONSE_BYTES), connection);
  return json;
}

function written(
  results: readonly StatementResult[],
  statements: readonly Statement[],
  { rawText, arrayMode }: RequestOptions,
): readonly string[] {
  let bytes = 0;
  return results.map((result, index) => {
    const json = resultJson(result, { rawText, arrayMode: statements[index]?.arrayMode ?? arrayMode });
    bytes += Buffer.byteLength(json);
    if (bytes > MAX_RESPONSE_BYTES) throw tooLarge();
    return json;
  });
}

function resultsOf(outcome: GroupOutcome, connection: UpstreamConnection): readonly StatementResult[] {
  switch (outcome.kind) {
    case "done":
      return outcome.results;
    case "failed":
      throw EndpointError.of(400, postgresFields(outcome.error), outcome.error);
    case "lost":
      throw EndpointError.of(400, { message: "connection closed" }, outcome.cause);
    case "too-large":
      connection.destroy();
      throw tooLarge();
    case "copy":
      connection.destroy();
      throw EndpointError.of(400, { message: "unexpected message from server" });
    default:
      return outcome satisfies never;
  }
}

function tooLarge(): EndpointError {
  return EndpointError.of(507, { message: `response is too large (max is ${MAX_RESPONSE_BYTES} bytes)` });
}
