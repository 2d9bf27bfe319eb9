import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../../bench/lab.ts";

/**
 * Runs `work` in a laboratory that is closed whatever happens. The first Ctrl-C (or SIGTERM, SIGHUP) asks the work to come
 * to its end, which then can tell what it knows; the second closes the laboratory under it.
 */
export async function interruptible<T>(work: (lab: Lab, interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const lab = new Lab(await mkdtemp(join(tmpdir(), "breakwater-chaos-")));
  const controller = new AbortController();
  const interrupt = () => {
    if (!controller.signal.aborted) {
      console.error("\nStopping; once more to give up what was recorded");
      controller.abort();
      return;
    }
    if (lab.isClosing) return;
    lab.close().finally(() => process.exit(130));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(lab, controller.signal);
  } finally {
    await lab.close();
    for (const signal of signals) process.off(signal, interrupt);
  }
}
