import { createWriteStream } from "node:fs";
import type { Operation } from "./history.ts";

/** The bounded log of all requests; as JSON lines in a file as well, where one is named. */
export class Recorder {
  readonly #operations: Operation[] = [];
  readonly #most: number;
  readonly #file: ReturnType<typeof createWriteStream> | undefined;
  #total = 0;
  #isFrozen = false;
  #lastId = 0;

  constructor(most: number, path?: string) {
    this.#most = most;
    this.#file = path === undefined ? undefined : createWriteStream(path);
  }

  /** Numbers go up in the order in which requests were begun. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** What comes after this is not recorded. */
  freeze(): void {
    this.#isFrozen = true;
  }

  add(operation: Operation): void {
    if (this.#isFrozen) return;
    this.#total++;
    this.#operations.push(operation);
    if (this.#operations.length > this.#most) this.#operations.shift();
    this.note(operation);
  }

  /** What else is worth a line in the file: faults, their ends, lines of history. */
  note(line: object): void {
    this.#file?.write(`${JSON.stringify(line)}\n`);
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  get total(): number {
    return this.#total;
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.#file ? this.#file.end(resolve) : resolve()));
  }
}
