import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Lab } from "../../bench/lab.ts";
import { startDatabase } from "../../bench/startDatabase.ts";
import { bundleBed } from "../bed/bundleBed.ts";
import { type Bed, startBed } from "../bed/startBed.ts";
import { localEnvironment } from "../local/localEnvironment.ts";
import { seededRandom } from "../neon-proxy/faults/seededRandom.ts";
import { startNeonProxy } from "../neon-proxy/startNeonProxy.ts";
import { type CutReport, cutEdge } from "./cutEdge.ts";
import { cutTable } from "./cutTable.ts";
import { EDGES } from "./edges.ts";

export interface ObjectChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Requests a second at all beds that run side by side together. */
  readonly rate: number;
  readonly isolates: number;
  /** Beds that run side by side. */
  readonly atOnce: number;
  /** Names of the edges to cut; empty: all. */
  readonly edges: readonly string[];
}

const ADMIN_TOKEN = "an-admin-token-for-chaos";

/**
 * Cuts each edge between isolates, objects and Prober under load on a healthy database. Each edge has isolates and
 * objects of its own; all share one cluster. Returns what the last line tells; `failed` is 0 when all is as promised.
 */
export async function objectChaos(lab: Lab, options: ObjectChaosOptions) {
  const say = (step: string) => console.error(`  ${step}`);
  const edges = EDGES.filter(({ name }) => options.edges.length === 0 || options.edges.includes(name));
  say("bundling the bed's Worker");
  const bundle = await bundleBed(join(lab.root, "bundle"));
  const cluster = await startDatabase(lab, { pitches: 2_000, seed: options.seed });
  const nodes = await cluster.nodes();
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const local = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: ADMIN_TOKEN });
  // A copy would answer whoever reads, whatever becomes of the objects and of the way to the database.
  const environment = { ...local, BREAKWATER_MODE_CACHE: "off" };
  const reports: Record<string, CutReport> = {};
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  for (let start = 0; start < edges.length; start += options.atOnce) {
    const group = edges.slice(start, start + options.atOnce);
    const beds: Bed[] = [];
    for (const { name } of group) {
      say(`starting ${options.isolates} isolates for ${name}`);
      const bed = () => startBed({ bundle, isolates: options.isolates, environment, colos: ["FRA", "AMS"] });
      beds.push(await lab.start(bed, (started) => started.close()));
    }
    await Promise.all(
      group.map(async (edge, index) => {
        const random = seededRandom(options.seed * 1_000 + EDGES.indexOf(edge));
        reports[edge.name] = await cutEdge({
          bed: beds[index] as Bed,
          edge,
          adminToken: ADMIN_TOKEN,
          cutForMs: options.seconds * 1_000,
          perSecond: options.rate / group.length,
          random,
          say,
        });
      }),
    );
    for (const bed of beds) await bed.close();
  }
  const inOrder = Object.fromEntries(edges.flatMap(({ name }) => (reports[name] ? [[name, reports[name]]] : [])));
  console.error(cutTable(inOrder));
  for (const [name, { complaints }] of Object.entries(inOrder)) for (const each of complaints) say(`${name}: ${each}`);
  const stalledMs = Math.round(delay.max / 1e6);
  say(`this process, which is also the Neon endpoint, stood still for up to ${stalledMs} ms`);
  const failed = Object.values(inOrder).reduce((sum, each) => sum + each.failed + each.complaints.length, 0);
  return { seed: options.seed, edges: inOrder, stalledMs, failed };
}
