import { ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { ADMIN_DEADLINE_MS } from "../rpc/constants.ts";
import { expose } from "../telemetry/exposition.ts";
import { formatOf } from "../telemetry/formatOf.ts";
import type { AdminCall } from "./answerAdmin.ts";
import { gauges } from "./gauges.ts";
import { worldTotals } from "./worldTotals.ts";

/**
 * `GET /metrics`: the totals of all Collectors, and gauges as of now. This isolate's own counts go up first, so that
 * what was just counted is there. A Collector that does not answer fails the scrape: sums without it would step back,
 * which Prometheus takes for a restart.
 */
export async function metrics(state: IsolateState, { request, version, ctx }: AdminCall): Promise<Response> {
  const format = formatOf(request.headers.get("Accept"));
  await state.exchange?.exchangeNow(ADMIN_DEADLINE_MS, (work) => ctx.waitUntil(work), { eager: true });
  const { totals, trouble } = await worldTotals(state);
  if (trouble !== undefined) throw new ProblemError("unavailable", { detail: trouble, retryAfterMs: 5_000 });
  const { contentType, body } = expose({
    totals: totals.map(({ data }) => data),
    gauges: await gauges(state, totals, version),
    known: { ...state.known, version: [version] },
    format,
  });
  return new Response(body, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
}
