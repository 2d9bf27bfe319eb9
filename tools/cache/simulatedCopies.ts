import type { CopyStore } from "../../src/cache/tiers/cacheApi.ts";

/** One colo's Cache API in virtual time. As in production only `max-age` counts, and nothing tells that it is over. */
export class SimulatedCopies implements CopyStore {
  readonly #now: () => number;
  readonly #copies = new Map<string, { readonly text: string; readonly until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The URLs that something lies under. */
  get keys(): readonly string[] {
    return [...this.#copies.keys()];
  }

  async match(key: string): Promise<Response | undefined> {
    const copy = this.#copies.get(key);
    return copy && this.#now() < copy.until ? new Response(copy.text) : undefined;
  }

  async put(key: string, response: Response): Promise<void> {
    const seconds = /^max-age=(\d+)$/.exec(response.headers.get("Cache-Control") ?? "")?.[1];
    if (!seconds) throw new TypeError("The response says nothing of how long it is kept.");
    this.#copies.set(key, { text: await response.text(), until: this.#now() + Number(seconds) * 1_000 });
  }

  /** Another text in each one's place. */
  spoil(text: string): void {
    for (const [key, copy] of this.#copies) this.#copies.set(key, { ...copy, text });
  }
}
