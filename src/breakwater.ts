/**
 * The public entry of the core: what an application imports. The application is reached by nothing in the core; the
 * core's own folders are reached by nothing in the application but through here.
 */
export type { SharedPolicy } from "./cache/sharedRoute.ts";
export { ConfigError } from "./config.ts";
export { type BreakwaterWorker, createWorker, type WorkerOptions } from "./createWorker.ts";
export type { RefreshStep } from "./cron/refresh.ts";
export type {
  Committed,
  Database,
  Freshness,
  Idempotency,
  Outcome,
  ReadOptions,
  ReadResult,
  Violated,
  WriteOptions,
} from "./database/database.ts";
export { DatabaseError } from "./database/errors.ts";
export { type Query, query, type Value } from "./database/query.ts";
export { uuidMs, uuidv7 } from "./database/uuid.ts";
export { type Accounts, bearerToken, type Credential, cookieValue } from "./http/accounts.ts";
export { openApiRoute } from "./http/openApiRoute.ts";
export { type FieldError, type ProblemDetails, ProblemError, type ProblemKind } from "./http/problem.ts";
export type { Access, Account, Answer, Context, Route, SharedContext } from "./http/route.ts";
export { routesFor } from "./http/route.ts";
