import type { CopyStore } from "../../src/cache/tiers/cacheApi.ts";
import type { Network } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";

/** The Cache API of each colo; the key says which. A body is read by the host in its own time, and held until then. */
export class ColoShelves implements CopyStore {
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #entries = new Map<string, string>();

  constructor(scheduler: Scheduler, network: Network) {
    this.#scheduler = scheduler;
    this.#network = network;
  }

  match(key: string): Promise<Response | undefined> {
    return this.#network.call("colo-copy", async () => {
      const text = this.#entries.get(key);
      return text === undefined ? undefined : asResponse(text);
    });
  }

  async put(key: string, response: Response): Promise<void> {
    const text = await this.#scheduler.hold(response.text());
    await this.#network.call("colo-copy", async () => {
      this.#entries.set(key, text);
    });
  }
}

/** Just what is read of it: a real one would be read over several turns of the host's loop. */
function asResponse(text: string): Response {
  const parts: Pick<Response, "text" | "body"> = { text: async () => text, body: null };
  return parts as Response;
}
