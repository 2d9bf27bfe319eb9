import { spawn } from "node:child_process";
import { once } from "node:events";
import { deploy } from "../indexes/deploy/deploy.ts";
import { IndexError } from "../indexes/deploy/indexError.ts";
import { CHAOS_ENTRIES, CHAOS_LIMITS, CHAOS_PHASE } from "./indexBed.ts";

/** One deploy in this process; how it said that it ended. */
export async function deployHere(connectionString: string, signal = new AbortController().signal): Promise<string> {
  const options = { connectionString, entries: CHAOS_ENTRIES, phase: CHAOS_PHASE, limits: CHAOS_LIMITS, signal };
  try {
    return (await deploy({ ...options, report: () => {} })).isComplete ? "complete" : "incomplete";
  } catch (error) {
    if (error instanceof IndexError) return error.code;
    return `an error: ${(error as Error).message}`;
  }
}

/** One deploy as an operator starts it, in a process that can be killed. */
export function deployProcess(url: string, catalogue: string) {
  const args = ["tools/launch.mjs", "tools/cli.ts", "indexes", "deploy", "--phase", String(CHAOS_PHASE)];
  const child = spawn(process.execPath, [...args, "--database-url", url, "--catalogue", catalogue], {
    stdio: "ignore",
  });
  const ended = once(child, "close").then(([code, signal]) =>
    code === 0 ? "complete" : signal === null ? `exit code ${code}` : "killed",
  );
  return { child, ended };
}
