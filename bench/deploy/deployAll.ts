import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import type { Lab } from "../lab.ts";

const PHASES = ["1", "2", "3"] as const;

/** A deploy of each phase as an operator runs it: by the command, in processes of their own. Throws where one fails. */
export async function deployAll(lab: Lab, databaseUrl: string): Promise<number> {
  let indexes = 0;
  for (const phase of PHASES) indexes += await deployPhase(lab, databaseUrl, phase);
  return indexes;
}

async function deployPhase(lab: Lab, databaseUrl: string, phase: string): Promise<number> {
  const args = ["tools/launch.mjs", "tools/cli.ts", "indexes", "deploy", "--phase", phase, "--json"];
  const child = await lab.start(
    async () =>
      spawn(process.execPath, [...args, "--database-url", databaseUrl], { stdio: ["ignore", "pipe", "inherit"] }),
    async (started) => started.kill("SIGINT"),
  );
  // An operator's process is on another machine: here it must not take the site's cores. Its sessions' backends do.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const lines: string[] = [];
  child.stdout.on("data", (part: Buffer) => lines.push(String(part)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the deploy of phase ${phase} ended with ${code}`);
  const events = lines
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; did?: string });
  return events.filter(({ event, did }) => event === "finished" && did === "built").length;
}
