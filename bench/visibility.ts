import { Option } from "commander";
import { bundleBed } from "../tools/bed/bundleBed.ts";
import { type Bed, type BedIsolate, startBed } from "../tools/bed/startBed.ts";
import { until } from "../tools/cluster/processes.ts";
import { localEnvironment } from "../tools/local/localEnvironment.ts";
import { startNeonProxy } from "../tools/neon-proxy/startNeonProxy.ts";
import type { Bench } from "./bench.ts";
import type { Lab } from "./lab.ts";
import { percentiles } from "./percentiles.ts";
import { startDatabase } from "./startDatabase.ts";
import { Author } from "./visibility/author.ts";

/** Pitches that are written to side by side. */
const LANES = 10;
const LOOK_EVERY_MS = 100;
const GIVE_UP_MS = 30_000;
/** What is promised: in the writer's colo; elsewhere an exchange's interval and five seconds. */
const COLO_WITHIN_MS = 2_500;
const ELSEWHERE_WITHIN_MS = 15_000;
const LAG_MS = 2_000;

/** When a write is seen through the cache: by anybody in the same isolate, its colo and another one, and by its writer. */
export const visibilityBench: Bench = {
  name: "visibility",
  summary:
    "how soon a write is shown by cached answers: to anybody, here, in its colo and elsewhere; to its writer, with replicas behind",
  options: [new Option("--writes <n>", "how many of each kind").default(1_000).argParser(Number)],
  run: async (lab, { writes }) => {
    const count = Math.max(LANES, Number(writes) || 1_000);
    const { bed, cluster } = await start(lab);
    const [here, elsewhere, neighbour] = bed.isolates;
    if (!here || !neighbour || !elsewhere) throw new Error("the bed has too few isolates");
    const author = await Author.at(here.url, LANES);
    const places = { here, neighbour, elsewhere };
    const took: Record<keyof typeof places, number[]> = { here: [], neighbour: [], elsewhere: [] };
    for (let done = 0; done < count; done += LANES) {
      if (done % 100 === 0) console.error(`  ${done} of ${count} writes, seen by anybody`);
      await Promise.all(
        author.pitches.map(async (pitch, lane) => {
          const title = `Written as ${done + lane}`;
          await author.rename(pitch, title);
          const at = Date.now();
          const seen = async (where: keyof typeof places) =>
            took[where].push(await shownAfter(places[where], pitch, title, at));
          await Promise.all([seen("here"), seen("neighbour"), seen("elsewhere")]);
        }),
      );
    }
    for (const node of ["node-2", "node-3"]) await cluster.lag(node, LAG_MS);
    let shown = 0;
    for (let done = 0; done < count; done++) {
      if (done % 100 === 0)
        console.error(`  ${done} of ${count} writes, seen by their writer, replicas ${LAG_MS} ms behind`);
      const pitch = author.pitches[done % LANES] ?? "";
      const title = `Told as ${done}`;
      const session = await author.rename(pitch, title);
      const place = bed.isolates[done % bed.isolates.length] ?? here;
      if ((await titleAt(place, pitch, session)) === title) shown++;
    }
    const told = (ms: readonly number[], withinMs: number) => ({
      ...percentiles(ms),
      max: Math.max(...ms),
      within: ms.filter((each) => each <= withinMs).length,
      of: ms.length,
    });
    return {
      here: told(took.here, COLO_WITHIN_MS),
      sameColo: told(took.neighbour, COLO_WITHIN_MS),
      elsewhere: told(took.elsewhere, ELSEWHERE_WITHIN_MS),
      toItsWriterAtOnce: { shown, of: count },
    };
  },
};

async function start(lab: Lab) {
  const cluster = await startDatabase(lab, { pitches: 300, seed: 1 });
  const nodes = await cluster.nodes();
  const resolve = (label: string) => nodes.find(({ name }) => name === label);
  const proxy = await lab.start(
    () => startNeonProxy({ resolve }),
    (each) => each.close(),
  );
  const environment = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: "an-admin-token-for-benches" });
  const bundle = await bundleBed(`${lab.root}/bed`);
  const bed: Bed = await lab.start(
    () => startBed({ bundle, isolates: 4, environment, colos: ["FRA", "AMS"] }),
    (each) => each.close(),
  );
  return { cluster, bed };
}

async function shownAfter(isolate: BedIsolate, pitch: string, title: string, since: number): Promise<number> {
  const isShown = async () => {
    if ((await titleAt(isolate, pitch)) === title) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    return false;
  };
  return (await until(isShown, GIVE_UP_MS)) ? Date.now() - since : Number.POSITIVE_INFINITY;
}

async function titleAt({ fetch }: BedIsolate, pitch: string, session?: string): Promise<unknown> {
  const response = await fetch(pitch, session === undefined ? {} : { headers: { "Breakwater-Session": session } });
  const { title } = (await response.json()) as { title?: unknown };
  return title;
}
