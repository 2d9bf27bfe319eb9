import type { IncomingHttpHeaders } from "node:http";
import { EndpointError } from "./endpointError.ts";

/** What the headers of one request ask for. */
export interface RequestOptions {
  /** Values stay Postgres text. */
  readonly rawText: boolean;
  /** Rows as arrays, unless the statement itself says otherwise. */
  readonly arrayMode: boolean;
  readonly transaction: TransactionOptions;
  /** From the private header `Breakwater-Query`, one for each statement; empty when absent. */
  readonly queryNames: readonly string[];
}

export interface TransactionOptions {
  readonly isolationLevel: IsolationLevel | undefined;
  readonly readOnly: boolean;
  readonly deferrable: boolean;
}

const ISOLATION_LEVELS = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
} as const;

type IsolationLevel = keyof typeof ISOLATION_LEVELS;

/** @throws {EndpointError} 400 for an isolation level Neon does not know, or a bearer token. */
export function parseRequestOptions(headers: IncomingHttpHeaders): RequestOptions {
  if (headers.authorization !== undefined) {
    throw EndpointError.of(400, { message: "missing authentication credentials: required password" });
  }
  const level = headers["neon-batch-isolation-level"];
  if (level !== undefined && !isIsolationLevel(level)) {
    throw EndpointError.of(400, { message: "invalid isolation level" });
  }
  const names = headers["breakwater-query"];
  return {
    rawText: headers["neon-raw-text-output"] === "true",
    arrayMode: headers["neon-array-mode"] === "true",
    transaction: {
      isolationLevel: level,
      readOnly: headers["neon-batch-read-only"] === "true",
      deferrable: headers["neon-batch-deferrable"] === "true",
    },
    queryNames: typeof names === "string" ? names.split(",").map((name) => name.trim()) : [],
  };
}

/** The statement that opens a batch. */
export function beginStatement({ isolationLevel, readOnly, deferrable }: TransactionOptions): string {
  const modes: string[] = [];
  if (isolationLevel) modes.push(`ISOLATION LEVEL ${ISOLATION_LEVELS[isolationLevel]}`);
  if (readOnly) modes.push("READ ONLY");
  if (deferrable) modes.push("DEFERRABLE");
  return ["BEGIN", modes.join(", ")].join(" ").trim();
}

/** The headers a batch's answer repeats: only what was asked for. */
export function echoedHeaders({ isolationLevel, readOnly, deferrable }: TransactionOptions): Record<string, string> {
  return {
    ...(readOnly ? { "Neon-Batch-Read-Only": "true" } : {}),
    ...(deferrable ? { "Neon-Batch-Deferrable": "true" } : {}),
    ...(isolationLevel ? { "Neon-Batch-Isolation-Level": isolationLevel } : {}),
  };
}

function isIsolationLevel(level: string | string[]): level is IsolationLevel {
  return typeof level === "string" && Object.hasOwn(ISOLATION_LEVELS, level);
}
