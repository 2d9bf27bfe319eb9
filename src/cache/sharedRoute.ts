/** How an answer that everybody is given the same is kept. Times in seconds. */
export interface SharedPolicy {
  /** How long it is taken for current without a look at the database: learnt from how often it changes, within these. */
  readonly fresh: { readonly floor: number; readonly ceiling: number };
  /** How long after that it is still given, while it is loaded anew behind the answer. */
  readonly staleWhileRevalidate: number;
  /** How long after being fresh it is given where the database cannot be asked. */
  readonly staleIfError: number;
  /** How long "there is no such thing" is kept; 0 (the default): not at all. */
  readonly negative?: number;
  /**
   * Of the answer's shape: a whole number from 1, the default. A greater one makes what is kept of the lower ones nobody's:
   * to be raised with each change of what the answer looks like.
   */
  readonly version?: number;
  /** `world`: of a cold key one isolate in the world loads, and the others wait up to 100 ms for it. Default `isolate`. */
  readonly coalesce?: "isolate" | "world";
}
