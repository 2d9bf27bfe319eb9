/** Largest request body, in bytes: Neon's own limit. Beyond it the answer is 413. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** Largest result, in bytes of JSON: Neon's own limit. Beyond it the answer is 507 and a batch is rolled back. */
export const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** An oversized body is read to its end so that the client sees the 413 and not a reset; beyond this it is cut off. */
export const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

/** Parameters of one statement: the wire counts them in 16 bits. */
export const MAX_PARAMETERS = 65_535;

/** Connections per node, user, database and password: Neon's own pool size. */
export const POOL_SIZE = 20;

/** An unused connection is closed after this long: Neon's own value. */
export const POOL_IDLE_MS = 5 * 60_000;

/** How often unused connections are looked for. */
export const POOL_SWEEP_MS = 30_000;

/** Neon's own connect timeout; a paused node is still accepted by the kernel, so this is what ends the wait. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** A reset that takes longer than this means a node that no longer answers: the connection is dropped. */
export const RESET_TIMEOUT_MS = 5_000;

/** After a client left, its query has this long to end by cancellation before the connection is dropped. */
export const CANCEL_GRACE_MS = 100;

/** A node that may sleep does so after this long without a request: Neon's default. */
export const SLEEP_AFTER_MS = 5 * 60_000;

/** Longest fault delay accepted: beyond ten minutes it is a typing mistake, or a `blackHole`. */
export const MAX_FAULT_MS = 10 * 60_000;

/** Kept open long after the client's own pool forgot it, so that an idle connection is never closed under a request. */
export const HTTP_KEEP_ALIVE_MS = 120_000;
