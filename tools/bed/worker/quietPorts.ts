import type { SharedCachePorts } from "../../../src/cache/sharedCachePorts.ts";

const quiet = () => {};

/** Counts nothing and audits nothing: what a test wants to know it sees in the answers. */
export const QUIET_PORTS: Pick<SharedCachePorts, "telemetry" | "wanted" | "waited" | "isAudited" | "mismatched"> = {
  telemetry: {
    shared: quiet,
    sharedMiss: quiet,
    tierRead: quiet,
    refreshed: quiet,
    audited: quiet,
    servedAge: quiet,
    servedBytes: quiet,
    leaseless: quiet,
    sharedObserved: quiet,
  },
  wanted: quiet,
  waited: quiet,
  isAudited: () => false,
  mismatched: quiet,
};
