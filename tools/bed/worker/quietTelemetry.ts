import type { CacheTelemetry } from "../../../src/cache/sharedCachePorts.ts";

const quiet = () => {};

/** Counts nothing: what a test wants to know it sees in the answers. */
export const QUIET_TELEMETRY: CacheTelemetry = {
  shared: quiet,
  sharedMiss: quiet,
  tierRead: quiet,
  refreshed: quiet,
  audited: quiet,
  servedAge: quiet,
  leaseless: quiet,
  sharedObserved: quiet,
};
