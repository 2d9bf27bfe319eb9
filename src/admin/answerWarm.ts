import * as z from "zod/mini";
import type { WarmReport } from "../cache/warm/warmReport.ts";
import type { EventContext } from "../eventContext.ts";
import { ProblemError } from "../http/problem.ts";
import { readBody } from "../http/readBody.ts";
import { isSameSite } from "../http/sameSite.ts";
import type { SharedTarget } from "../http/sharedTarget.ts";
import type { IsolateState } from "../isolate.ts";
import { warmShared } from "../warming/warmShared.ts";
import { isAdmin } from "./isAdmin.ts";

const WARM_PATH = "/api/cache/warm";

/** Paths that one call may name; more are another call. */
const MAX_PATHS = 200;
const DEFAULT_TOP = 100;
const MAX_TOP = 1_000;

/** Whoever calls waits for it, and the platform gives up on what takes much longer. */
const WARM_WITHIN_MS = 20_000;

/** The crons' pace: copies shall live until the next run. */
const NEXT_RUN_MS = 300_000;

const warmSchema = z.strictObject({
  paths: z.optional(
    z
      .array(z.string().check(z.minLength(1), z.maxLength(2_048)))
      .check(z.minLength(1), z.maxLength(MAX_PATHS, { error: `must be at most ${MAX_PATHS} paths` })),
  ),
  top: z._default(z.int().check(z.gte(1), z.lte(MAX_TOP)), DEFAULT_TOP),
  dryRun: z._default(z.boolean(), false),
});

/**
 * `POST /api/cache/warm`: loads shared answers before anybody asks, for bearers of an admin token; undefined for any
 * other path. Calls that overlap load each key once. Throws problems.
 */
export function answerWarm(
  request: Request,
  url: URL,
  state: IsolateState | undefined,
  ctx: EventContext,
  targets: (path: string) => SharedTarget | undefined,
): Promise<Response> | undefined {
  if (url.pathname !== WARM_PATH) return undefined;
  return answer(request, url, state, ctx, targets);
}

async function answer(
  request: Request,
  url: URL,
  state: IsolateState | undefined,
  ctx: EventContext,
  targets: (path: string) => SharedTarget | undefined,
): Promise<Response> {
  if (!state || !(await isAdmin(request, state.config.adminTokens))) throw new ProblemError("unauthenticated");
  if (request.headers.has("Origin") && !isSameSite(request, url)) throw new ProblemError("cross-site-request");
  if (request.method !== "POST") throw new ProblemError("method-not-allowed", { headers: { Allow: "POST" } });
  const { value } = await readBody(request, warmSchema);
  const { paths, top, dryRun } = value as z.output<typeof warmSchema>; // `readBody` parsed it with this very schema
  if (!state.shared) return Response.json({ mode: "off" }, NO_STORE);
  const endAt = Date.now() + WARM_WITHIN_MS;
  const report: WarmReport = await warmShared(state, ctx, targets, {
    paths,
    top,
    dryRun: dryRun || !state.shared.door.acts,
    nextInMs: NEXT_RUN_MS,
    endAt,
  });
  return Response.json(report, NO_STORE);
}

const NO_STORE = { headers: { "Cache-Control": "no-store" } };
