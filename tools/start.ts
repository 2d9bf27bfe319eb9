import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { EVERY_MINUTE } from "../src/cronTriggers.ts";
import { bundleWorker } from "./local/bundleWorker.ts";
import { fireCrons } from "./local/crons.ts";
import { greeting } from "./local/greeting.ts";
import { onInterrupt } from "./local/onInterrupt.ts";
import { startSystem } from "./local/startSystem.ts";
import { startupSentence } from "./local/startupSentence.ts";
import { startWorker } from "./local/startWorker.ts";

/** `npm start`: a replicated Postgres, a Neon endpoint, data, and the bundled Worker on this machine. */

const { pitches } = new Command("start")
  .description("Run the whole system on this machine, until Ctrl-C.")
  .option("--pitches <n>", "pitches to seed an empty database with", pitchCount, 20_000)
  .parse()
  .opts<{ pitches: number }>();

const root = resolve(".breakwater");
const say = (step: string) => console.log(`  ${step}`);
const stops: (() => Promise<void>)[] = [];
const interrupted = onInterrupt(root, stops);

console.log("Starting Breakwater");
const bundling = bundleWorker(join(root, "bundle"));
const bundled = bundling.catch(() => {}); // awaited below; until then a failure must not be an unhandled one
stops.push(async () => {
  await bundled; // its processes end by themselves: nothing is left behind
});

try {
  const system = await startSystem({ root, pitches, onProgress: say });
  stops.push(system.stop);
  const bundle = await bundling;
  say("starting the Worker");
  const worker = await startWorker({ bundle, environment: system.environment });
  stops.push(worker.close);
  await system.announce(worker.url);
  // What the first minute's cron would find out, before the first visitor asks.
  await worker.scheduled(EVERY_MINUTE);
  const stopCrons = fireCrons(worker.scheduled, (error) => console.error("A cron run failed:", error));
  stops.push(async () => stopCrons());
  console.log(greeting({ url: worker.url, proxyUrl: system.proxy.url, adminToken: system.adminToken }));
} catch (error) {
  if (!interrupted()) {
    for (const stop of stops.splice(0).reverse()) await stop();
    console.error(startupSentence(error, root));
    process.exit(1);
  }
}

function pitchCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 5_000_000) return count;
  throw new InvalidArgumentError("Give a whole number from 1 to 5000000.");
}
