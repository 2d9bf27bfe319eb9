import type { ClientBase } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { IndexError } from "../deploy/indexError.ts";
import { inSentences } from "../inSentences.ts";
import { bloatedIndexes } from "./bloatedIndexes.ts";
import { btreeFacts } from "./btreeFacts.ts";
import { buildTimes } from "./buildTimes.ts";
import { BLOATED_BYTES } from "./constants.ts";
import { type Advice, FINDING_KINDS } from "./finding.ts";
import { indexFacts } from "./indexFacts.ts";
import { invalidIndexes } from "./invalidIndexes.ts";
import { lintedIndexes } from "./lintedIndexes.ts";
import { missingIndexes } from "./missingIndexes.ts";
import { nodeCounters } from "./nodeCounters.ts";
import { type CloneChoice, openClone } from "./openClone.ts";
import { openReader } from "./openReader.ts";
import { redundantIndexes } from "./redundantIndexes.ts";
import { tableWrites } from "./tableWrites.ts";
import { unusedIndexes } from "./unusedIndexes.ts";

export interface AdviseOptions {
  /** The primary's. */
  readonly connectionString: string;
  readonly replicas?: readonly string[];
  readonly entries: readonly IndexEntry[];
  readonly worker?: { readonly url: string; readonly adminToken: string } | undefined;
  readonly clone?: CloneChoice | undefined;
  /** From how much air on an index is called bloated. */
  readonly bloatedBytes?: number;
  readonly onProgress?: (step: string) => void;
}

/**
 * Looks at a database and says what could be better with its indexes. Changes nothing: every session on it, and on its
 * replicas, is read-only to the server; what has to be tried is tried on the clone. Throws `IndexError`.
 */
export function advise(options: AdviseOptions): Promise<Advice> {
  return inSentences(() => look(options));
}

async function look(options: AdviseOptions): Promise<Advice> {
  const { connectionString, replicas: urls = [], entries, worker, clone, onProgress = () => {} } = options;
  const { bloatedBytes = BLOATED_BYTES } = options;
  const primary = await openReader(connectionString, "The database URL");
  const replicas: Awaited<ReturnType<typeof openReader>>[] = [];
  try {
    if (await isStandby(primary)) {
      throw new IndexError("refused", "That is a standby: give the primary's address, and this as --replica-url.");
    }
    for (const url of urls) replicas.push(await openReader(url, "A replica's URL"));
    for (const replica of replicas) {
      if (await isStandby(replica)) continue;
      const where = `${replica.host}:${replica.port}`;
      throw new IndexError("refused", `${where} is no standby: its counters are not of this database's reads.`);
    }
    onProgress("reading the catalogue and the counters");
    const indexes = await indexFacts(primary);
    // The core's own indexes are its migrations' affair.
    const ours = indexes.filter(({ schema }) => schema !== "breakwater");
    const counters = [];
    for (const node of [primary, ...replicas]) counters.push(await nodeCounters(node));
    const window = { nowMs: Date.now(), hasReplicas: replicas.length > 0 };
    const redundant = redundantIndexes(ours);
    const unused = unusedIndexes(ours, counters, { ...window, entries, builtMs: await buildTimes(primary) }).filter(
      ({ object }) => !redundant.some((finding) => finding.object === object),
    );
    const btrees = await btreeFacts(primary, { leastBytes: bloatedBytes });
    const tables = await tableWrites(primary);
    const missing = await missingIndexes({
      primary,
      replicas,
      entries,
      indexes,
      worker,
      tables,
      openClone: clone && (() => openClone(clone, { client: primary, connectionString }, onProgress)),
      onProgress,
    });
    const findings = [
      ...invalidIndexes(indexes),
      ...redundant,
      ...missing.findings,
      ...unused,
      ...bloatedIndexes(btrees, { leastBytes: bloatedBytes }),
      ...lintedIndexes(ours, entries, tables),
    ];
    const inOrder = FINDING_KINDS.flatMap((kind) => findings.filter((finding) => finding.kind === kind));
    return { findings: inOrder, notes: missing.notes };
  } finally {
    await Promise.allSettled([primary, ...replicas].map((client) => client.end()));
  }
}

async function isStandby(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ recovering: boolean }>("SELECT pg_is_in_recovery() AS recovering");
  return rows[0]?.recovering === true;
}
