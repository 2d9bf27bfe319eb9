import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../../../tools/cluster/processes.ts";

/** `npm run cli -- …` as a process of its own, with what it has printed so far. */
export interface CliRun {
  readonly child: ChildProcess;
  readonly printed: () => { readonly out: string; readonly error: string };
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Waits until it has printed that, on either stream. */
  prints(pattern: RegExp): Promise<boolean>;
}

export function cliRun(...args: string[]): CliRun {
  const child = spawn(process.execPath, ["tools/launch.mjs", "tools/cli.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let [out, error] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    error += chunk;
  });
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  return {
    child,
    printed: () => ({ out, error }),
    ended,
    prints: (pattern) => until(() => pattern.test(out + error), 20_000),
  };
}
