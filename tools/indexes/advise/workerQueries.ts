import * as z from "zod/mini";
import { WORKER_TIMEOUT_MS } from "./constants.ts";
import type { WorkloadQuery } from "./workload.ts";

const row = z.object({ name: z.string(), count: z.number(), totalMs: z.number(), p99Ms: z.number() });

const answer = z.object({ world: z.object({ slowest: z.array(row), mostFrequent: z.array(row) }) });

export interface WorkerQueries {
  readonly queries: readonly WorkloadQuery[];
  readonly note: string | undefined;
}

/** What a running Worker tells of its own named queries (`GET /admin/queries`): all nodes together, in its own time. */
export async function workerQueries(worker: {
  readonly url: string;
  readonly adminToken: string;
}): Promise<WorkerQueries> {
  try {
    const response = await fetch(new URL("/admin/queries", worker.url), {
      headers: { Authorization: `Bearer ${worker.adminToken}` },
      signal: AbortSignal.timeout(WORKER_TIMEOUT_MS),
    });
    if (!response.ok) {
      const hint = response.status === 401 || response.status === 403 ? ": is that its --admin-token?" : ".";
      return { queries: [], note: `The Worker answers ${response.status} to /admin/queries${hint}` };
    }
    const { world } = answer.parse(await response.json());
    const byName = new Map([...world.slowest, ...world.mostFrequent].map((each) => [each.name, each]));
    return {
      queries: Array.from(byName.values(), ({ name, count, totalMs, p99Ms }) => ({
        name,
        text: undefined,
        source: "worker",
        calls: count,
        totalMs,
        slowMs: p99Ms,
      })),
      note: undefined,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { queries: [], note: `The Worker does not tell of its queries: ${why}.` };
  }
}
