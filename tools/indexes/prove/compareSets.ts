import { REGRESSION_LEAST_BUFFERS, REGRESSION_RATIO } from "./constants.ts";
import { costOf, keyOf, type Measured } from "./measure.ts";

/** What one sample reads with two sets of indexes; undefined where it failed. */
export interface ComparedSample {
  readonly key: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** `worse`: past the guard. `lost`: it ran before and does not now. */
  readonly change: "better" | "same" | "worse" | "lost";
}

/** Sets two measurements of the same samples beside each other, in their order. */
export function compareSets(before: readonly Measured[], after: readonly Measured[]): readonly ComparedSample[] {
  const earlier = new Map(before.map((measured) => [keyOf(measured), costOf(measured)]));
  return after.map((measured) => {
    const key = keyOf(measured);
    const was = earlier.get(key);
    const is = costOf(measured);
    return { key, before: was, after: is, change: changeOf(was, is) };
  });
}

/** What a change of buffers is called; the same guard for every use. */
export function changeOf(before: number | undefined, after: number | undefined): ComparedSample["change"] {
  if (before === undefined) return "same"; // nothing to lose
  if (after === undefined) return "lost";
  if (isMore(before, after)) return "worse";
  return isMore(after, before) ? "better" : "same";
}

function isMore(less: number, more: number): boolean {
  return more > less * REGRESSION_RATIO && more - less > REGRESSION_LEAST_BUFFERS;
}
