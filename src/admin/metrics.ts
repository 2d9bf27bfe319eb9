import { ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { ADMIN_DEADLINE_MS } from "../rpc/constants.ts";
import { expose } from "../telemetry/exposition.ts";
import { formatOf } from "../telemetry/formatOf.ts";
import type { TelemetryData } from "../telemetry/telemetryData.ts";
import type { AdminCall } from "./answerAdmin.ts";
import { askCollectors, collectorNames } from "./collectors.ts";
import { gauges } from "./gauges.ts";

/**
 * `GET /metrics`: the totals of all Collectors, and gauges as of now. This isolate's own counts go up first, so that
 * what was just counted is there. A Collector that does not answer fails the scrape: sums without it would step back,
 * which Prometheus takes for a restart.
 */
export async function metrics(state: IsolateState, { request, version, ctx }: AdminCall): Promise<Response> {
  const format = formatOf(request.headers.get("Accept"));
  await state.exchange?.exchangeNow(ADMIN_DEADLINE_MS, (work) => ctx.waitUntil(work), { eager: true });
  const { names, trouble } = await collectorNames(state);
  const words = state.exchange ? await askCollectors(state, names, "totals") : new Map();
  const silent = names.filter((name) => state.exchange && !words.get(name)?.said);
  if (trouble !== undefined || silent.length > 0) {
    const detail = trouble ?? `No answer from ${silent.join(", ")}.`;
    if (state.exchange) throw new ProblemError("unavailable", { detail, retryAfterMs: 5_000 });
  }
  const said = [...words.values()].map(
    (word) => word.said as { data: TelemetryData; checkpointAgeMs: number | null; reporters: number },
  );
  const { contentType, body } = expose({
    totals: said.map(({ data }) => data),
    gauges: await gauges(state, said, version),
    known: { ...state.known, version: [version] },
    format,
  });
  return new Response(body, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
}
