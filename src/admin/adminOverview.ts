import { ObjectAccess } from "../exchange/objectAccess.ts";
import { healthOf } from "../health/healthOf.ts";
import type { IsolateState } from "../isolate.ts";

/** `GET /admin`: which parts are on, which are off and why, and where to look further. */
export function adminOverview(state: IsolateState) {
  const { config, exchange, objects } = state;
  const now = Date.now();
  const status = exchange?.status(now);
  return {
    mode: config.mode,
    modes: config.modes,
    health: healthOf(state, now).verdict.status,
    parts: {
      objects: objects instanceof ObjectAccess ? (status?.trouble ?? "on") : `off: no ${objects.missing.join(", ")}`,
      coloCopy: exchange ? (exchange.coloCopyTrouble ?? "on") : "off",
      kv: kvTrouble(state) ?? "on",
      errorReports: config.sentry ? "on" : "off: no SENTRY_DSN",
    },
    endpoints: [
      "/admin/breaker",
      "/admin/replicas",
      "/admin/cache",
      "/admin/health",
      "/admin/collector",
      "/admin/cron",
      "/admin/queries",
      "/metrics",
    ],
    orders: [
      "/admin/cache/purge",
      "/api/cache/warm",
      "/admin/breaker/hold",
      "/admin/breaker/release",
      "/admin/breaker/reincarnate",
      "/admin/replicas/primary",
      "/admin/replicas/{node}/drain",
      "/admin/replicas/{node}/resume",
    ],
  };
}

function kvTrouble({ shared }: Pick<IsolateState, "shared">): string | undefined {
  if (!shared) return "off: BREAKWATER_MODE_CACHE is off";
  const kv = shared.farther.find(({ name }) => name === "kv");
  return kv ? kv.trouble : "off: no namespace is bound as CACHE";
}
