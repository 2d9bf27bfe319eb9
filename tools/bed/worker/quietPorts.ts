import type { SharedCachePorts } from "../../../src/cache/sharedCachePorts.ts";

const quiet = () => {};

/** Counts nothing and audits nothing: what a test wants to know it sees in the answers. */
export const QUIET_PORTS: Pick<SharedCachePorts, "telemetry" | "wanted" | "isAudited" | "mismatched"> = {
  telemetry: {
    shared: quiet,
    sharedMiss: quiet,
    tierRead: quiet,
    refreshed: quiet,
    audited: quiet,
    servedAge: quiet,
    leaseless: quiet,
    sharedObserved: quiet,
  },
  wanted: quiet,
  isAudited: () => false,
  mismatched: quiet,
};
