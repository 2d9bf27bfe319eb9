import { parentPort, workerData } from "node:worker_threads";
import { playAll } from "./playAll.ts";

/** The thread that `playAside` starts: `workerData` is the seed; what it says are strings, what it found is an object. */
if (!parentPort) throw new Error("this is a thread of `npm run bench -- world`");
const port = parentPort;
port.postMessage(await playAll(Number(workerData), (what) => port.postMessage(what)));
