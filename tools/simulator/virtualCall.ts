import type { Called } from "../../src/rpc/callObject.ts";
import { objectTrouble } from "../../src/rpc/objectTrouble.ts";
import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";

/** As `callObject` pauses before its one retry. */
const RETRY_PAUSE_MS = 100;

/** `callObject` in virtual time: a deadline, and once more where the object was reset. Never rejects. */
export async function virtualCall<T>(
  scheduler: Scheduler,
  random: Random,
  deadlineMs: number,
  send: () => Promise<T>,
): Promise<Called<T>> {
  const { now, sleep } = scheduler;
  const startedAt = now();
  const failed = (trouble: ReturnType<typeof objectTrouble>, message: string): Called<T> => {
    return { kind: "failed", trouble, message, tookMs: now() - startedAt };
  };
  for (let attempt = 0; ; attempt++) {
    let stop = () => {};
    const timeout = new Promise<{ kind: "timeout" }>((resolve) => {
      stop = scheduler.after(deadlineMs - (now() - startedAt), () => resolve({ kind: "timeout" }));
    });
    const outcome = send().then(
      (value) => ({ kind: "value", value }) as const,
      (error: unknown) => ({ kind: "error", error }) as const,
    );
    const ended = await Promise.race([outcome, timeout]);
    stop();
    if (ended.kind === "value") return { kind: "answered", value: ended.value, tookMs: now() - startedAt };
    if (ended.kind === "timeout") return failed("timeout", `no answer in ${deadlineMs} ms`);
    const trouble = objectTrouble(ended.error);
    const pauseMs = random.next() * RETRY_PAUSE_MS;
    const isLast = attempt > 0 || trouble !== "reset" || now() - startedAt + pauseMs >= deadlineMs;
    if (isLast) return failed(trouble, String(ended.error));
    await sleep(pauseMs);
  }
}
