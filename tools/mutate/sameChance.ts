import fc from "fast-check";

/**
 * Properties are tried with the same values each time, so that whether a mutant survives is no matter of luck; and which
 * is the smallest of the values that tell is of no interest here.
 */
fc.configureGlobal({ seed: 1, endOnFailure: true });
