/**
 * What becomes of the uses of a store that entries lie in. `throwing`: each throws; `hanging`: none ever ends; `slow`: each
 * ends late; `unreadable`: what is read is no entry; `swallowing`: there is nothing, and what is put is lost; `stale`: what is
 * put is lost, and what was there before stays.
 */
export type StoreFault = "throwing" | "hanging" | "slow" | "unreadable" | "swallowing" | "stale";

/** Later than any tier waits for a read. */
export const SLOW_MS = 500;
