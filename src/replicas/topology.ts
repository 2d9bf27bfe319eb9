/** `rival`: not in recovery either, but not the one that holds the highest epoch. */
export type Role = "primary" | "replica" | "rival" | "unknown";

/** What one node said of itself. `epoch` is a bigint as text, null where the breakwater schema is not installed. */
export interface RoleReport {
  readonly node: string;
  readonly inRecovery: boolean;
  readonly epoch: string | null;
}

/** Who is primary, as far as this isolate asked. Replaced whole. */
export interface Topology {
  readonly roles: ReadonlyMap<string, Role>;
  readonly primary: string | undefined;
  readonly epoch: string | undefined;
  /** The highest epoch that any node ever named here, a replica too: what claims to be primary of an older one is not. */
  readonly newestEpoch: string | null;
  /** Who was last called the primary, and of which epoch: nobody else is of the same. */
  readonly holder: { readonly node: string; readonly epoch: string } | undefined;
  /** When the nodes were asked, in the isolate's milliseconds; undefined: never. */
  readonly askedAt: number | undefined;
  /** Why there is no primary to write to, where there is none. */
  readonly trouble: "none-answered" | "two-primaries" | "not-installed" | undefined;
}

export const UNKNOWN_TOPOLOGY: Topology = {
  roles: new Map(),
  primary: undefined,
  epoch: undefined,
  newestEpoch: null,
  holder: undefined,
  askedAt: undefined,
  trouble: undefined,
};

/**
 * The map that these answers give. Nodes that did not answer keep the role they had, but nobody is primary on
 * hearsay. Of two that are not in recovery the one of the higher epoch is primary; with equal epochs there is none to
 * write to: a write to the wrong one would be lost. So would one to the old primary that came back while the new one
 * is silent: it is of an older epoch than we know of, and a rival. The holder of an epoch keeps it beside whoever claims
 * the same. `mayAdopt`: where he is silent, another of his epoch is taken for his successor; else the next epoch has to
 * begin first, which the world's coordinator alone sees to.
 */
export function topologyFrom(reports: readonly RoleReport[], known: Topology, now: number, mayAdopt = true): Topology {
  const roles = new Map(known.roles);
  for (const { node, inRecovery } of reports) roles.set(node, inRecovery ? "replica" : "primary");
  const primaries = reports.filter(({ inRecovery }) => !inRecovery);
  const newestEpoch = [known.newestEpoch, ...reports.map(({ epoch }) => epoch)].reduce(newer, null);
  const { holder } = known;
  const highest = highestEpoch(primaries, holder?.node);
  const isNewest = highest !== undefined && compareEpochs(highest.epoch, newestEpoch) === 0;
  const isUsurper =
    !mayAdopt && holder !== undefined && highest?.node !== holder.node && highest?.epoch === holder.epoch;
  const chosen = isNewest && !isUsurper ? highest : undefined;
  for (const [node, role] of roles) {
    if (role !== "primary" || node === chosen?.node) continue;
    roles.set(node, primaries.some((report) => report.node === node) ? "rival" : "unknown");
  }
  if (!chosen) {
    const trouble = primaries.length > 1 && !highest ? "two-primaries" : "none-answered";
    return { roles, primary: undefined, epoch: undefined, newestEpoch, holder, askedAt: now, trouble };
  }
  const { node: primary, epoch } = chosen;
  if (epoch === null) {
    return { roles, primary, epoch: undefined, newestEpoch, holder, askedAt: now, trouble: "not-installed" };
  }
  return { roles, primary, epoch, newestEpoch, holder: { node: primary, epoch }, askedAt: now, trouble: undefined };
}

/** Of the highest epoch; of several the holder, else none. */
function highestEpoch(primaries: readonly RoleReport[], holder: string | undefined): RoleReport | undefined {
  const [first] = primaries.toSorted((a, b) => compareEpochs(b.epoch, a.epoch));
  const equals = primaries.filter(({ epoch }) => first && compareEpochs(epoch, first.epoch) === 0);
  return equals.length > 1 ? equals.find(({ node }) => node === holder) : first;
}

function newer(a: string | null, b: string | null): string | null {
  return compareEpochs(a, b) >= 0 ? a : b;
}

/** Below 0: `a` is the earlier; null: earlier than any. Epochs are 64-bit: as text '10' < '9'. */
export function compareEpochs(a: string | null, b: string | null): number {
  const difference = BigInt(a ?? -1) - BigInt(b ?? -1);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
