import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ClusterError } from "./clusterError.ts";
import { processInfo } from "./processes.ts";
import { readState } from "./state.ts";

const runSchema = z.object({ pid: z.number(), identity: z.string() });

/**
 * Makes this process the one that runs the system below `root`, until `release`. Refused with a sentence while
 * another one does. A run that died without a word (its pid is gone, or belongs to another process now) is no
 * obstacle; what it left running is stopped when the cluster comes up.
 */
export async function acquireRun(root: string): Promise<() => Promise<void>> {
  await mkdir(root, { recursive: true });
  const path = join(root, "run.json");
  const mine = JSON.stringify({ pid: process.pid, identity: processInfo(process.pid)?.identity ?? "" });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    await refuseIfRunning(root, path);
    await rm(path, { force: true });
  }
  throw new ClusterError("already-running", "Another start is under way: wait for it.");
}

async function refuseIfRunning(root: string, path: string): Promise<void> {
  const run = runSchema.safeParse(parse(await readFile(path, "utf8").catch(() => "")));
  if (!run.success || processInfo(run.data.pid)?.identity !== run.data.identity) return;
  const url = (await readState(root))?.url;
  const where = url === undefined ? "" : ` at ${url}`;
  const message = `Breakwater is already running here (process ${run.data.pid}${where}): use that one, or stop it with Ctrl-C first.`;
  throw new ClusterError("already-running", message);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
