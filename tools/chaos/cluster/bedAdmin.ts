import type { Bed } from "../../bed/startBed.ts";

/** What the bed's operators know and may do. */
export const CHAOS_ADMIN_TOKEN = "an-admin-token-for-chaos";

const LOOK_WITHIN_MS = 5_000;

/** The world's map reads from it only where nobody else is. */
export async function isOut(bed: Bed, node: string): Promise<boolean> {
  const answer = (await look(bed, "/admin/replicas").catch(() => undefined)) as
    | { nodes?: { name: string; isOut: boolean }[] }
    | undefined;
  return answer?.nodes?.find(({ name }) => name === node)?.isOut ?? false;
}

/** The state of the isolate's breaker of that node; undefined: it could not be asked. */
export async function breakerOf(bed: Bed, isolate: string, node: string | undefined): Promise<string | undefined> {
  const index = bed.isolates.findIndex(({ name }) => name === isolate);
  const answer = (await look(bed, "/admin/health", index).catch(() => undefined)) as Health | undefined;
  return answer?.nodes.find(({ name }) => name === node)?.breaker.state;
}

interface Health {
  readonly nodes: readonly { readonly name: string; readonly breaker: { readonly state: string } }[];
}

/** No isolate leaves any node alone. */
export async function allClosed(bed: Bed): Promise<boolean> {
  const answers = await Promise.all(bed.isolates.map((_, index) => look(bed, "/admin/health", index)));
  const nodes = answers.flatMap((answer) => (answer as Health).nodes);
  return nodes.every(({ breaker }) => breaker.state === "closed");
}

async function look(bed: Bed, path: string, index = 0): Promise<unknown> {
  const headers = { Authorization: `Bearer ${CHAOS_ADMIN_TOKEN}` };
  const response = await bed.isolates[index]?.fetch(path, { headers, signal: AbortSignal.timeout(LOOK_WITHIN_MS) });
  return response?.json();
}
