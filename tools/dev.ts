import { spawn } from "node:child_process";
import { resolve } from "node:path";
import getPort from "get-port";
import { onInterrupt } from "./local/onInterrupt.ts";
import { startSystem } from "./local/startSystem.ts";
import { startupSentence } from "./local/startupSentence.ts";

/** `npm run dev`: the same system, the Worker by `wrangler dev`, built again at each change of a file. */

const root = resolve(".breakwater");
const stops: (() => Promise<void>)[] = [];
const interrupted = onInterrupt(root, stops);

const say = (step: string) => console.log(`  ${step}`);
const system = await startSystem({ root, pitches: 20_000, onProgress: say }).catch((error) => {
  console.error(startupSentence(error, root));
  process.exit(1);
});
stops.push(system.stop);
const variables = Object.entries(system.environment).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
const port = await getPort({ port: 8787 });
const wrangler = spawn("wrangler", ["dev", "--ip", "127.0.0.1", "--port", `${port}`, ...variables], {
  stdio: "inherit",
});
stops.push(async () => {
  if (wrangler.exitCode !== null || wrangler.signalCode !== null) return;
  const ended = new Promise((done) => wrangler.once("exit", done));
  wrangler.kill("SIGINT");
  await ended;
});
await system.announce(`http://127.0.0.1:${port}`);
wrangler.on("exit", async (code) => {
  if (interrupted()) return;
  await system.stop();
  process.exit(code ?? 1);
});
