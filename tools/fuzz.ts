import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { Command, InvalidArgumentError } from "commander";
import { Lab } from "../bench/lab.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { report } from "./fuzz/report.ts";
import { startTarget } from "./fuzz/startTarget.ts";

/**
 * `npm run fuzz`: inputs made from the OpenAPI document, against a system of its own. Progress and findings go to stderr;
 * the last line on stdout is one JSON object. Exit code 1: something was found.
 */

const number = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
};

const { inputs, seed } = new Command("fuzz")
  .description("Send inputs made from the OpenAPI document to a system of its own, and look at every answer.")
  .option("--inputs <n>", "how many", number(1, 10_000_000), 10_000)
  .option("--seed <n>", "which inputs; default: another one each time", number(0, 2 ** 31 - 1))
  .showHelpAfterError("(--help lists the options)")
  .parse()
  .opts<{ inputs: number; seed?: number }>();

const chosen = seed ?? Math.floor(Math.random() * 2 ** 31);
const lab = new Lab(await mkdtemp(join(tmpdir(), "breakwater-fuzz-")));
const stopping = new AbortController();
const bar = new SingleBar({
  format: "{bar} {value}/{total} inputs, {rate}/s, {findings} wrong",
  noTTYOutput: true,
  notTTYSchedule: 5_000,
});

let isRunning = false;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    if (stopping.signal.aborted) return; // on its way; what hangs has deadlines of its own
    stopping.abort();
    console.error("\nStopping");
    // While inputs are sent, the loop ends by itself, and tells what it saw so far.
    if (!isRunning) void lab.close().then(() => process.exit(130));
  });
}

try {
  console.error(`Fuzzing with ${inputs} inputs: npm run fuzz -- --inputs ${inputs} --seed ${chosen}`);
  const target = await startTarget(lab);
  isRunning = true;
  const startedAt = performance.now();
  bar.start(inputs, 0, { rate: 0, findings: 0 });
  const { findings, tampered, ...result } = await fuzz({
    ...target,
    inputs,
    seed: chosen,
    signal: stopping.signal,
    onProgress: (done, wrong) => {
      const rate = Math.round((done * 1_000) / (performance.now() - startedAt));
      bar.update(done, { rate, findings: wrong });
    },
  });
  bar.stop();
  const told = report({ findings, tampered }, target.url);
  if (told !== "") console.error(`\n${told}\n`);
  await lab.close();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(JSON.stringify({ ...result, tampered: tampered.length, seconds }));
  process.exitCode = told !== "" ? 1 : stopping.signal.aborted ? 130 : 0;
} catch (error) {
  bar.stop();
  if (stopping.signal.aborted && !isRunning) await new Promise(() => {}); // the work lost what it stood on
  await lab.close();
  throw error;
}
