import { Worker } from "node:worker_threads";
import type { AllPlayed } from "./playAll.ts";

/** `playAll` on a core of its own, with a `Date.now` of its own. */
export function playAside(seed: number, say: (what: string) => void): Promise<AllPlayed> {
  const worker = new Worker(new URL("./scenarioThread.ts", import.meta.url), { workerData: seed });
  return new Promise((resolve, reject) => {
    worker.on("message", (message: string | AllPlayed) => {
      if (typeof message === "string") say(message);
      else resolve(message);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`the scenarios' thread ended with ${code}`)));
  });
}
