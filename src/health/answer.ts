import type { CheckStatus, HealthChecks } from "./healthCheck.ts";
import type { HealthStatus, Verdict } from "./verdict.ts";

/** What `/health` shows besides the verdict. */
export interface HealthFacts {
  readonly version: string;
  /** Whether the cache tiers answered when last used. */
  readonly cache: boolean;
  readonly checks: HealthChecks;
  /** Whether who asks may see more than the status: nodes, configuration and ages. */
  readonly isDetailed: boolean;
  readonly now: number;
}

/** The words of the health+json draft for ours: what is unsure is to be looked at, and no failure. */
const HEALTH_JSON_STATUS: Readonly<Record<HealthStatus, CheckStatus>> = {
  healthy: "pass",
  degraded: "warn",
  unknown: "warn",
  unhealthy: "fail",
};

const NO_STORE = { "Cache-Control": "no-store" };

/** By what the client accepts and by who asks: a cache in between, told to store nothing, must not mix them up either. */
const VARIES = { ...NO_STORE, Vary: "Accept, Authorization" };

/** `/health`: always 200. Plain JSON, or `application/health+json` where the client asks for it. */
export function healthAnswer(request: Request, verdict: Verdict, facts: HealthFacts): Response {
  const { version, isDetailed } = facts;
  const timestamp = new Date(facts.now).toISOString();
  if (wantsHealthJson(request)) {
    const status = HEALTH_JSON_STATUS[verdict.status];
    const detail = { version, releaseId: version, notes: verdict.notes, checks: facts.checks };
    const headers = { ...VARIES, "Content-Type": "application/health+json" };
    return Response.json({ status, ...(isDetailed ? detail : {}) }, { headers });
  }
  const services = { database: verdict.database, cache: facts.cache, worker: true };
  const detail = { version, notes: verdict.notes, ageMs: verdict.ageMs ?? null };
  const body = { status: verdict.status, timestamp, services, ...(isDetailed ? detail : { notes: [] }) };
  return Response.json(body, { headers: VARIES });
}

/** `/health/ready`: 503 when unhealthy or when nothing was seen yet, so that no traffic is sent here. */
export function readyAnswer({ ready, status, notes }: Verdict, isDetailed: boolean): Response {
  const body = { ready, status, notes: isDetailed ? notes : [] };
  return Response.json(body, { status: ready ? 200 : 503, headers: { ...NO_STORE, Vary: "Authorization" } });
}

/** `/health/live`: this Worker runs; nothing else is asked. */
export function liveAnswer(): Response {
  return Response.json({ live: true }, { headers: NO_STORE });
}

/** Media types are read in any case. */
function wantsHealthJson(request: Request): boolean {
  return request.headers.get("Accept")?.toLowerCase().includes("application/health+json") ?? false;
}
