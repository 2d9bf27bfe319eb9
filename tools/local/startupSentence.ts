import { ClusterError } from "../cluster/clusterError.ts";
import { MigrationError } from "../migrate/migrationError.ts";
import { SeedError } from "../seed/seedError.ts";

const EXPECTED = [ClusterError, MigrationError, SeedError];

/** What a failed start tells: a sentence for what people can mend, the whole error for what they cannot. */
export function startupSentence(error: unknown, root: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  // The system's own code, its quota, PostgreSQL's; and initdb's and the log's words.
  const isFull = code === "ENOSPC" || code === "EDQUOT" || code === "53100" || /No space left/.test(error.message);
  if (isFull) return `The disk is full at ${root}: free about 1 GB, then start again.`;
  if (EXPECTED.some((kind) => error instanceof kind)) return error.message;
  return error.stack ?? error.message;
}
