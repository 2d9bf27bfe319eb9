import { FREE_SHARE } from "./constants.ts";
import { freeSpace } from "./freeSpace.ts";
import { size } from "./quantities.ts";
import type { Run } from "./run.ts";

/** What indexes may still take: the quota that was given, and half of the free disk where it can be seen. */
export class SpaceLeft {
  readonly #run: Run;
  #spent = 0;
  #isTold = false;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Why an index of that size may not be built; undefined: it may. */
  async trouble(bytes: number): Promise<string | undefined> {
    const { maxBytes } = this.#run.limits;
    if (maxBytes !== undefined) {
      if (this.#spent + bytes <= maxBytes) return undefined;
      const built = this.#spent > 0 ? `, and ${size(this.#spent)} are built already` : "";
      return `it would take about ${size(bytes)}${built}: more than --max-size ${size(maxBytes)}`;
    }
    const free = await freeSpace(this.#run.observer);
    if (free === undefined) {
      if (!this.#isTold)
        this.#run.report({
          event: "note",
          text: "the free disk cannot be seen from here: --max-size bounds what is built",
        });
      this.#isTold = true;
      return undefined;
    }
    if (bytes <= free * FREE_SHARE) return undefined;
    return `it would take about ${size(bytes)}, and sorting as much again, of ${size(free)} that are free`;
  }

  spend(bytes: number): void {
    this.#spent += bytes;
  }
}
