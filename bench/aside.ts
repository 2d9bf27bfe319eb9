import { parentPort, Worker, workerData } from "node:worker_threads";

/** What a part of a bench found: what is to be read, and its keys. */
export interface Found {
  readonly text: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Room for what is young: a world in virtual time makes little else, and with less it is collected all the time. */
const YOUNG_MB = 256;

/** Runs a module on a core of its own, with globals of its own. It calls `answer`. */
export function aside(module: URL, data: unknown, say: (what: string) => void): Promise<Found> {
  const worker = new Worker(module, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  return new Promise((resolve, reject) => {
    worker.on("message", (message: string | Found) => {
      if (typeof message === "string") say(message);
      else resolve(message);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`a part of the bench ended with ${code}`)));
  });
}

/** On the other side of `aside`: what it says are strings, what it found is an object. */
export async function answer<D>(find: (data: D, say: (what: string) => void) => Promise<Found>): Promise<void> {
  if (!parentPort) throw new Error("this is a part of a bench: `npm run bench` lists them");
  const port = parentPort;
  port.postMessage(await find(workerData, (what) => port.postMessage(what)));
}
