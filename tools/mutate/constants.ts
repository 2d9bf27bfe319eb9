/** Where vitest, in processes of Stryker's, reads which part's tests are wanted. */
export const PART_VARIABLE = "BREAKWATER_MUTATE_PART";

/** Stryker's copy of the repository, and what it knows of earlier runs: beside all else that is not in git. */
export const MUTATE_FOLDER = ".breakwater/mutate";

/** A test that takes as long beyond its usual time is in a loop. Long, since other work may run beside it. */
export const LOOP_MS = 15_000;

/** As many test runs at a time: a small machine has two cores. */
export const CONCURRENCY = 2;
