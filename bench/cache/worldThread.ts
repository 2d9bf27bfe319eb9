import { answer } from "../aside.ts";
import { traceOf } from "./trace.ts";
import { type WarmOptions, warmHitRatio } from "./warmHitRatio.ts";

/** A site that is warmed, or not. */
export interface WarmPlay extends WarmOptions {
  readonly requests: number;
}

await answer(async ({ requests, ...options }: WarmPlay) => {
  const figures = await warmHitRatio(traceOf(options.seed, requests), options);
  return { text: "", figures: { ...figures } };
});
