import type { HealthStatus, Verdict } from "./verdict.ts";

/** What `/health` shows besides the verdict. */
export interface HealthFacts {
  readonly version: string;
  /** Whether the cache tiers answered when last used. */
  readonly cache: boolean;
  readonly now: number;
}

/** The words of the health+json draft (draft-inadarei-api-health-check) for ours. */
const HEALTH_JSON_STATUS: Readonly<Record<HealthStatus, "pass" | "warn" | "fail">> = {
  healthy: "pass",
  degraded: "warn",
  unknown: "warn",
  unhealthy: "fail",
};

const NO_STORE = { "Cache-Control": "no-store" };

/** `/health`: always 200. Plain JSON, or `application/health+json` where the client asks for it. */
export function healthAnswer(request: Request, verdict: Verdict, facts: HealthFacts): Response {
  const services = { database: verdict.database, cache: facts.cache, worker: true };
  const timestamp = new Date(facts.now).toISOString();
  const { version } = facts;
  if (!wantsHealthJson(request)) {
    const { status, notes, ageMs } = verdict;
    return Response.json({ status, timestamp, version, services, notes, ageMs: ageMs ?? null }, { headers: NO_STORE });
  }
  const status = HEALTH_JSON_STATUS[verdict.status];
  const checks = {
    "database:responses": [
      {
        componentType: "datastore",
        status,
        time: timestamp,
        ...(verdict.ageMs === undefined ? {} : { observedValue: verdict.ageMs, observedUnit: "ms" }),
      },
    ],
  };
  const body = { status, version, releaseId: version, notes: verdict.notes, checks };
  return Response.json(body, { headers: { ...NO_STORE, "Content-Type": "application/health+json" } });
}

/** `/health/ready`: 503 when unhealthy or when nothing was seen yet, so that no traffic is sent here. */
export function readyAnswer(verdict: Verdict): Response {
  const { ready, status, notes } = verdict;
  return Response.json({ ready, status, notes }, { status: ready ? 200 : 503, headers: NO_STORE });
}

/** `/health/live`: this Worker runs; nothing else is asked. */
export function liveAnswer(): Response {
  return Response.json({ live: true }, { headers: NO_STORE });
}

function wantsHealthJson(request: Request): boolean {
  return request.headers.get("Accept")?.includes("application/health+json") ?? false;
}
