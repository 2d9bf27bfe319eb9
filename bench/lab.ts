import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder, and all that was started in it; `close` stops that, the last one first, and deletes the folder. */
export class Lab {
  readonly root: string;
  readonly #stops: (() => Promise<unknown>)[] = [];
  #starting: Promise<unknown> = Promise.resolve();
  #isClosing = false;

  constructor(root: string) {
    this.root = root;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Starts one thing. Whoever closes the laboratory meanwhile waits for it, so that it cannot be left behind. */
  async start<T>(start: () => Promise<T>, stop: (started: T) => Promise<unknown>): Promise<T> {
    if (this.#isClosing) throw new Error("the laboratory is closing");
    const starting = start().then((started) => {
      this.#stops.push(() => stop(started));
      return started;
    });
    this.#starting = starting;
    return starting;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#starting.catch(() => {});
    for (const stop of this.#stops.splice(0).reverse()) await stop();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Runs `work` in a laboratory that is closed whatever happens; at Ctrl-C (or SIGTERM, SIGHUP) the process ends then. */
export async function inLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = new Lab(await mkdtemp(join(tmpdir(), "breakwater-bench-")));
  const interrupt = () => {
    if (lab.isClosing) return; // already on its way; what hangs has deadlines of its own
    console.error("\nStopping");
    lab.close().then(
      () => process.exit(130),
      (error) => {
        console.error(`Something could not be stopped; see ${lab.root}:`, error);
        process.exit(1);
      },
    );
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(lab);
  } catch (error) {
    if (lab.isClosing) await new Promise(() => {}); // the work lost what it stood on; `interrupt` ends the process
    throw error;
  } finally {
    await lab.close();
    for (const signal of signals) process.off(signal, interrupt);
  }
}
