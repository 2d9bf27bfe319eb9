import type { Committed, Violated } from "../../breakwater.ts";

/** What a write did whose statements break no constraint, whatever others do meanwhile. Throws where one did: our mistake. */
export function committed<Result>(done: Committed<Result> | Violated): Committed<Result> {
  if (done.kind === "violated") throw new Error(`A write broke ${done.constraint}, which its statements should keep.`);
  return done;
}
