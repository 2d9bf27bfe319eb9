import type { CountedWorld } from "./countedWorld.ts";
import type { NodeLoad } from "./outage.ts";

/** What reaches the nodes while the world's own word is that every one of them is open or half-open. */
export class OpenLoad {
  readonly #world: CountedWorld;
  readonly #stop: () => void;
  #since: { readonly at: number; readonly sent: number; readonly asked: number } | undefined;
  #ms = 0;
  #sent = 0;
  #asked = 0;

  constructor(world: CountedWorld) {
    this.#world = world;
    this.#stop = world.watch(() => this.#look());
  }

  end(): NodeLoad {
    this.#close();
    this.#stop();
    const seconds = Math.max(1, this.#ms) / 1_000;
    return { requestsPerSecond: this.#sent / seconds, questionsPerSecond: this.#asked / seconds };
  }

  #look(): void {
    const isOpen = this.#world.verdicts().every((state) => state === "open" || state === "half-open");
    if (!isOpen) this.#close();
    else this.#since ??= this.#now();
  }

  #close(): void {
    if (!this.#since) return;
    const { at, sent, asked } = this.#now();
    this.#ms += at - this.#since.at;
    this.#sent += sent - this.#since.sent;
    this.#asked += asked - this.#since.asked;
    this.#since = undefined;
  }

  #now() {
    return { at: this.#world.scheduler.now(), sent: this.#world.requests().sent, asked: this.#world.questions() };
  }
}
