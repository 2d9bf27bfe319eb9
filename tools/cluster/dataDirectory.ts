import { existsSync } from "node:fs";
import { chown, copyFile, lstat, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { ClusterError } from "./clusterError.ts";

const MAJOR_VERSION = "18";

/** Written last: a directory without it was never finished. */
const COMPLETE = "breakwater.complete";

/** What changes from node to node; the rest of the configuration is the same everywhere. */
export interface NodeConfiguration {
  readonly name: string;
  readonly port: number;
  readonly primaryPort: number;
  readonly lagMs: number;
}

/** `missing`, `half-made` (an interrupted run), `ready`. Throws when another PostgreSQL made it. */
export async function inspectDataDirectory(path: string): Promise<"missing" | "half-made" | "ready"> {
  if (!existsSync(path)) return "missing";
  const version = (await readFile(join(path, "PG_VERSION"), "utf8").catch(() => "")).trim();
  if (version !== "" && version !== MAJOR_VERSION) {
    const message = `${path} was made by PostgreSQL ${version}, this one is ${MAJOR_VERSION}: delete that directory.`;
    throw new ClusterError("foreign-data", message);
  }
  return existsSync(join(path, COMPLETE)) ? "ready" : "half-made";
}

export async function markComplete(path: string, binaries: Binaries): Promise<void> {
  await writeOwned(join(path, COMPLETE), "", binaries);
}

export function isStandbyDirectory(path: string): boolean {
  return existsSync(join(path, "standby.signal"));
}

export async function makeStandby(path: string, binaries: Binaries): Promise<void> {
  await writeOwned(join(path, "standby.signal"), "", binaries);
}

/**
 * Writes the node's settings. `fsync` and `full_page_writes` are off: what a killed process wrote is in the kernel's
 * cache and survives it; only a crash of the machine would lose data here, and this is a cluster to try things on.
 */
export async function configure(path: string, node: NodeConfiguration, binaries: Binaries): Promise<void> {
  const settings = [
    "listen_addresses = '127.0.0.1'",
    `port = ${node.port}`,
    "unix_socket_directories = ''",
    "max_connections = 200",
    "shared_buffers = 256MB",
    "fsync = off",
    "full_page_writes = off",
    "wal_level = replica",
    "wal_keep_size = 512MB",
    "max_wal_senders = 10",
    "hot_standby = on",
    "wal_receiver_status_interval = 1s",
    "wal_retrieve_retry_interval = 200ms",
    "wal_receiver_timeout = 5s",
    "wal_sender_timeout = 5s",
    "shared_preload_libraries = 'pg_stat_statements'",
    "timezone = 'UTC'",
    "jit = off",
    `cluster_name = '${node.name}'`,
    `primary_conninfo = 'host=127.0.0.1 port=${node.primaryPort} user=breakwater application_name=${node.name}'`,
    `recovery_min_apply_delay = ${node.lagMs}`,
  ];
  await writeOwned(join(path, "breakwater.conf"), `${settings.join("\n")}\n`, binaries);
  const main = await readFile(join(path, "postgresql.conf"), "utf8");
  const include = "include = 'breakwater.conf'";
  if (!main.includes(include)) await writeOwned(join(path, "postgresql.conf"), `${main}\n${include}\n`, binaries);
}

/** The delay of replay that the settings ask for; another process may have written them. */
export async function configuredLagMs(path: string): Promise<number> {
  const settings = await readFile(join(path, "breakwater.conf"), "utf8").catch(() => "");
  return Number(/recovery_min_apply_delay = (\d+)/.exec(settings)?.[1] ?? 0);
}

/** Copies a data directory, also of a running server: files that go away meanwhile are not missed. */
export async function copyDataDirectory(
  from: string,
  to: string,
  binaries: Binaries,
  skip: (relative: string) => boolean = () => false,
): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await copyTree(from, to, "", binaries, skip);
}

/** Files of a running server that a copy must not have. */
export function isLiveOnly(relative: string): boolean {
  return (
    /^(postmaster\.(pid|opts)|standby\.signal|recovery\.signal|backup_label(\.old)?|tablespace_map)$/.test(relative) ||
    /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/./.test(relative) ||
    /(^|\/)pgsql_tmp/.test(relative) ||
    relative === COMPLETE
  );
}

export async function writeOwned(path: string, text: string, { owner }: Binaries): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (owner) await chown(path, owner.uid, owner.gid);
}

export async function makeOwnedDirectory(path: string, { owner }: Binaries): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (owner) await chown(path, owner.uid, owner.gid);
}

async function copyTree(
  from: string,
  to: string,
  relative: string,
  binaries: Binaries,
  skip: (relative: string) => boolean,
): Promise<void> {
  await makeOwnedDirectory(join(to, relative), binaries);
  for (const entry of await readdir(join(from, relative), { withFileTypes: true }).catch(() => [])) {
    const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
    if (skip(path)) continue;
    if (entry.isDirectory()) await copyTree(from, to, path, binaries, skip);
    else await copyOne(join(from, path), join(to, path), binaries);
  }
}

async function copyOne(from: string, to: string, { owner }: Binaries): Promise<void> {
  try {
    await copyFile(from, to);
    if (owner) await chown(to, owner.uid, owner.gid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !(await lstat(from).catch(() => undefined))) return;
    throw noSpace(error, to);
  }
}

function noSpace(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new ClusterError("no-space", `The disk is full at ${path}: free about 1 GB, then start again.`, {
    cause: error,
  });
}
