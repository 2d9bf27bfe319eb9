import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** `R`, `S`, `T` (stopped), `Z` (dead, not yet reaped) … */
  readonly state: string;
  /** Changes when the pid is used again. */
  readonly identity: string;
}

/** The process, or undefined when it is gone (a zombie is gone). */
export function processInfo(pid: number): ProcessInfo | undefined {
  const info = existsSync("/proc/self/stat") ? fromProc(pid) : fromPs(pid);
  return info?.state.startsWith("Z") ? undefined : info;
}

export function isAlive(pid: number): boolean {
  return processInfo(pid) !== undefined;
}

/** Whether it was stopped by SIGSTOP. */
export function isPaused(pid: number): boolean {
  return processInfo(pid)?.state.startsWith("T") ?? false;
}

/** The processes whose parent is `pid`: a postmaster's children, each in a process group of its own. */
export function childrenOf(pid: number): number[] {
  if (!existsSync("/proc/self/stat")) {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
    return stdout
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => fromProc(child)?.parent === pid);
}

/** Sends the signal; false when there is no such process. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Waits until the condition holds; false when it did not within `withinMs`. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function fromProc(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent = "0"] = fields;
    return { pid, parent: Number(parent), state, identity: `${pid}:${fields[19]}` };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessInfo | undefined {
  const { stdout, status } = spawnSync("ps", ["-o", "ppid=,state=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const match = /^\s*(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(stdout ?? "");
  if (status !== 0 || !match) return undefined;
  const [, parent = "0", state = "", startedAt = ""] = match;
  return { pid, parent: Number(parent), state, identity: `${pid}:${startedAt}` };
}
