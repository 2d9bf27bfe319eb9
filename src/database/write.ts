import { tagBuckets } from "../cache/tagBuckets.ts";
import type { Mark } from "../replicas/session/token.ts";
import { MAX_TAGS } from "../rpc/constants.ts";
import { sha256Hex } from "../rpc/sha256Hex.ts";
import { MIN_ATTEMPT_MS, WRITE_RESERVE_MS, WRITE_SERVER_SHARE } from "./constants.ts";
import type { Committed, Idempotency, Violated, WriteOptions } from "./database.ts";
import { remainingMs } from "./deadline.ts";
import { DatabaseError } from "./errors.ts";
import { ensurePartitionsAhead } from "./maintenance.ts";
import type { Query } from "./query.ts";
import { readRecorded } from "./recorded.ts";
import { refusedError, refuseWhereNoneAdmits } from "./refuseOpen.ts";
import { type Attempt, isRefused, type RequestScope } from "./requestScope.ts";
import { settle } from "./settle.ts";
import { beginWrite, resultStatement } from "./statements.ts";
import { tellBump } from "./tellBump.ts";
import type { ResultSet } from "./transport.ts";
import { uuidv7 } from "./uuid.ts";
import { type Primary, writablePrimary } from "./writablePrimary.ts";
import { isClaimedAway, isPartitionMissing, writeError } from "./writeError.ts";

type Failed = Attempt<readonly ResultSet[]> & { ok: false };

/** A write on its way: one mark for all its tries, since at most one of them can have reached the database. */
interface Writing<Result> {
  readonly statements: readonly Query[];
  readonly options: WriteOptions<Result>;
  readonly mark: string;
  readonly keyHex: string | undefined;
  /** What the session had written when this was sent. */
  readonly before: readonly Mark[];
}

/**
 * The statements in one transaction on the primary, opened by a mark. Sent once; a second time only when the first
 * was refused before anything ran (another node is primary, or another epoch began).
 */
export async function write<Result>(
  scope: RequestScope,
  statements: readonly Query[],
  options: WriteOptions<Result>,
): Promise<Committed<Result> | Violated> {
  if (options.tags.length > MAX_TAGS) throw new DatabaseError("query", `A write carries at most ${MAX_TAGS} tags.`);
  const mark = uuidv7(scope.options.now());
  const keyHex = await keyOf(options.idempotency);
  const before = scope.session.token?.marks ?? [];
  const writing: Writing<Result> = { statements, options, mark, keyHex, before };
  refuseWhereNoneAdmits(scope);
  const primary = await writablePrimary(scope);
  const first = await send(scope, writing, primary);
  if (first.ok) return committed(scope, writing, primary, first.value);
  if (isPartitionMissing(first.failure)) return afterMakingPartitions(scope, writing, primary, first);
  if (!isRefusedByRole(first)) return failed(scope, writing, first);
  const successor = await writablePrimary(scope, true);
  if (successor.node === primary.node && successor.epoch === primary.epoch) return failed(scope, writing, first);
  const second = await send(scope, writing, successor);
  return second.ok ? committed(scope, writing, successor, second.value) : failed(scope, writing, second);
}

/**
 * A database that slept for weeks has no partition for today's mark, and no cron woke it to make one. The first write
 * does: it was surely refused, and is sent once more.
 */
async function afterMakingPartitions<Result>(
  scope: RequestScope,
  writing: Writing<Result>,
  primary: Primary,
  first: Failed,
): Promise<Committed<Result> | Violated> {
  const ms = remainingMs(scope.options.deadline, scope.options.now()) / 2;
  const made =
    ms < MIN_ATTEMPT_MS ? undefined : await scope.query(primary.node, ensurePartitionsAhead(1), ms, { kind: "write" });
  if (!made || isRefused(made) || !made.ok) return failed(scope, writing, first);
  const second = await send(scope, writing, primary);
  return second.ok ? committed(scope, writing, primary, second.value) : failed(scope, writing, second);
}

async function send(
  scope: RequestScope,
  writing: Writing<unknown>,
  primary: Primary,
): Promise<Attempt<readonly ResultSet[]>> {
  const { statements, options, mark, keyHex } = writing;
  const ms = Math.floor(remainingMs(scope.options.deadline, scope.options.now()) - WRITE_RESERVE_MS);
  if (ms < MIN_ATTEMPT_MS) {
    scope.state.instruments.refusal("deadline");
    throw new DatabaseError("deadline", "No time was left to write.", { retryAfterMs: 1_000 });
  }
  const opening = beginWrite({
    mark,
    tags: options.tags,
    epoch: primary.epoch,
    timeoutMs: Math.floor(ms * WRITE_SERVER_SHARE),
    keyHex,
    fingerprintHex: options.idempotency?.fingerprint,
  });
  const result = options.result ? [resultStatement(options.result, keyHex)] : [];
  const batch = [opening, ...statements, ...result];
  const answer = await scope.batch(primary.node, statements[0]?.name ?? "breakwater.empty-write", batch, ms);
  if (isRefused(answer)) throw refusedError(scope, answer);
  return answer;
}

function committed<Result>(
  scope: RequestScope,
  { statements, options, mark, before }: Writing<Result>,
  primary: Primary,
  results: readonly ResultSet[],
): Committed<Result> {
  const route = { node: primary.node, reason: scope.options.mode === "on" ? "write" : "off", ageMs: 0 } as const;
  scope.routes.push(route);
  const buckets = tellBump(scope.state, mark, options.tags, scope.options.now());
  if (isToBeSeen(options))
    scope.session.wrote({ id: mark, epoch: primary.epoch }, before, buckets, scope.options.now());
  const own = results.slice(1, 1 + statements.length);
  const result = options.result ? results.at(-1)?.rows[0]?.[0] : undefined;
  return {
    kind: "committed",
    mark,
    changed: own.map(({ rowCount }) => rowCount),
    // JSON of the result query's row: `Result` by the contract of `WriteOptions.result`.
    result: (result ?? null) as Result | null,
    repeated: false,
    route,
  };
}

/** What a batch that did not commit means for its caller. */
async function failed<Result>(
  scope: RequestScope,
  { options, mark, keyHex }: Writing<Result>,
  { failure, judgement }: Failed,
): Promise<Committed<Result> | Violated> {
  const { sqlstate, constraint } = failure;
  if (sqlstate === "BW003" && keyHex !== undefined && options.idempotency) {
    const recorded = await readRecorded<Result>(scope, keyHex, options.idempotency);
    // Whenever that was: it may be behind none of what the session wrote since.
    const epoch = scope.state.topology.epoch ?? "0";
    if (isToBeSeen(options))
      scope.session.wrote({ id: recorded.mark, epoch }, [], tagBuckets(options.tags), scope.options.now());
    return recorded;
  }
  if (sqlstate?.startsWith("23") && constraint && !isClaimedAway(failure)) return { kind: "violated", constraint };
  const error = writeError(failure, judgement, { mark, hasKey: keyHex !== undefined });
  // It may have happened: whoever reads on must not trust what was filled before it.
  if (error.code === "unknown-outcome") {
    scope.state.instruments.unknownOutcome();
    tellBump(scope.state, mark, options.tags, scope.options.now());
    scope.options.waitUntil(settle(scope, mark, options.tags));
  }
  throw error;
}

/** Whether the session is promised to see it. */
function isToBeSeen({ tags }: WriteOptions): boolean {
  return tags.length > 0;
}

/** Refused before anything ran, because the node is not, or no longer, the primary of that epoch. */
function isRefusedByRole({ judgement }: Failed): boolean {
  return judgement.class === "role";
}

async function keyOf(idempotency: Idempotency | undefined): Promise<string | undefined> {
  return idempotency && sha256Hex(`${idempotency.scope}\u0000${idempotency.key}`);
}
