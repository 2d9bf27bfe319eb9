import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ClusterError } from "./clusterError.ts";
import { isAlive, until } from "./processes.ts";

const nodeState = z.object({
  name: z.string(),
  role: z.enum(["primary", "replica"]),
  host: z.string(),
  port: z.number(),
  pid: z.number().nullable(),
  dataDir: z.string(),
  connectionString: z.string(),
});

const stateSchema = z.object({
  url: z.string().optional(),
  adminToken: z.string().optional(),
  pid: z.number().optional(),
  proxy: z.object({ url: z.string(), pid: z.number() }).optional(),
  nodes: z.array(nodeState),
});

/** One node of the local cluster. `pid` is null while it is stopped. */
export type NodeState = z.infer<typeof nodeState>;

/** `.breakwater/state.json`: where everything of the running system is. */
export type State = z.infer<typeof stateSchema>;

/** A lock that its holder could not give back is taken over after this long. */
const LOCK_EXPIRES_MS = 10_000;

function statePath(root: string): string {
  return join(root, "state.json");
}

/** The state, or undefined when there is none. A file that cannot be read as one is treated as none. */
export async function readState(root: string): Promise<State | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(statePath(root), "utf8")));
  } catch {
    return undefined;
  }
}

/** Changes the state under a lock and writes it whole: a reader sees the old one or the new one. */
export async function updateState(root: string, change: (state: State) => State): Promise<State> {
  await mkdir(root, { recursive: true });
  const release = await lock(root);
  try {
    const next = change((await readState(root)) ?? { nodes: [] });
    const temporary = `${statePath(root)}.${process.pid}`;
    await writeFile(temporary, `${JSON.stringify(next, null, 2)}\n`);
    await rename(temporary, statePath(root));
    return next;
  } finally {
    await release();
  }
}

async function lock(root: string): Promise<() => Promise<void>> {
  const path = join(root, "state.lock");
  const taken = await until(async () => {
    try {
      const file = await open(path, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return true;
    } catch {
      const holder = Number(await readFile(path, "utf8").catch(() => "0"));
      if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
      return false;
    }
  }, LOCK_EXPIRES_MS);
  if (!taken) {
    throw new ClusterError("refused", `The state is locked by another command: wait, or delete ${path}.`);
  }
  return () => rm(path, { force: true });
}
