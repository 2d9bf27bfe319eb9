import { wordsOf } from "../../rpc/wordsOf.ts";
import { FailurePause } from "./failurePause.ts";

/** The two methods of the Cache API that are used. */
export interface CopyStore {
  match(key: string): Promise<Response | undefined>;
  put(key: string, response: Response): Promise<void>;
}

/** What lies there; `failed`: it could not be asked, or is left alone since it could not. */
export type CopyRead =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly trouble: string };

/**
 * Texts in this colo's Cache API. Not every Worker may use it, and a `put` resolves where nothing is kept: so the first
 * text is read back, and what fails is left alone for a while and said to be absent. Never rejects. Keys are made by
 * functions, since making one may throw.
 */
export class CacheApi {
  readonly #store: CopyStore | undefined;
  readonly #pause: FailurePause;
  #trouble: string | undefined;
  #isProven = false;

  constructor(store: CopyStore | undefined, pauseMs: number) {
    this.#store = store;
    this.#pause = new FailurePause(1, pauseMs);
    if (!store) this.#trouble = "no Cache API";
  }

  /** Why there is none, or what was wrong with it last; undefined: it works. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async read(keyOf: () => string, now: () => number): Promise<CopyRead> {
    if (!this.#store || this.#pause.isOn(now())) return this.#unasked();
    try {
      const response = await this.#store.match(keyOf());
      return response ? { kind: "text", text: await response.text() } : { kind: "nothing" };
    } catch (error) {
      return this.absent(wordsOf(error), now());
    }
  }

  /** Keeps a text for so many seconds. Undefined: it is kept; else why not. */
  async write(
    keyOf: () => string,
    { text, keptS }: { readonly text: string; readonly keptS: number },
    now: () => number,
  ): Promise<string | undefined> {
    if (!this.#store || this.#pause.isOn(now())) return this.#unasked().trouble;
    try {
      const key = keyOf();
      // Plain `max-age`, nothing finer: production ignores stale-while-revalidate here, and local emulation does not.
      const headers = { "Cache-Control": `max-age=${keptS}`, "Content-Type": "application/json" };
      await this.#store.put(key, new Response(text, { headers }));
      if (this.#isProven) return undefined;
      const back = await this.#store.match(key);
      await back?.body?.cancel();
      if (!back) return this.absent("what was put cannot be read back", now()).trouble;
      this.#isProven = true;
      this.#trouble = undefined;
      return undefined;
    } catch (error) {
      return this.absent(wordsOf(error), now()).trouble;
    }
  }

  /** What lies there is wrong, and the next text that is put will mend it. */
  doubt(trouble: string): undefined {
    this.#trouble = trouble;
    this.#isProven = false;
  }

  /** It does not work: it is left alone for a while. */
  absent(trouble: string, now: number): CopyRead & { kind: "failed" } {
    this.doubt(trouble);
    this.#pause.failed(now);
    return { kind: "failed", trouble };
  }

  #unasked(): CopyRead & { kind: "failed" } {
    return { kind: "failed", trouble: this.#trouble ?? "left alone after a failure" };
  }
}
