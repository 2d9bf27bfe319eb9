import { MEMORY_BYTES } from "../../src/cache/tiers/constants.ts";
import { answer } from "../aside.ts";
import { playTrace } from "./playTrace.ts";
import { MAKE, type SubjectName } from "./subjects.ts";
import { traceOf } from "./trace.ts";

/** What one cache is asked to play. */
export interface Play {
  readonly name: SubjectName;
  readonly seed: number;
  readonly requests: number;
}

await answer(async ({ name, seed, requests }: Play) => {
  const figures = await playTrace(traceOf(seed, requests), MAKE[name], MEMORY_BYTES);
  return { text: "", figures: { ...figures } };
});
