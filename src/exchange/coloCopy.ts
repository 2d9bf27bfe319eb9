import * as z from "zod/mini";
import { MAX_DIGEST_CHARS, WIRE } from "../rpc/constants.ts";
import { type Parts, partsSchema } from "../rpc/parts.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { wordsOf } from "../rpc/wordsOf.ts";
import { COLO_ABSENT_MS, COLO_KEPT_S, COLO_SKEW_MS } from "./constants.ts";

const copySchema = z.object({
  wire: z.literal(WIRE),
  parts: partsSchema,
  storedAt: z.number(),
  refreshAfter: z.number(),
});

/** A view as a neighbour left it. Ages in it are as of `storedAt`. */
export type ColoCopy = z.infer<typeof copySchema>;

/** Where an isolate is. */
export interface Place {
  readonly host: string;
  readonly colo: string;
}

/** The two methods of the Cache API that are used. */
export interface CopyStore {
  match(key: string): Promise<Response | undefined>;
  put(key: string, response: Response): Promise<void>;
}

/**
 * The view of this colo, in its Cache API: what one isolate heard, all of them know. Where it does not work (not every
 * Worker may use the Cache API) it is absent, and nothing else changes. Never rejects.
 */
export class ColoCopyShelf {
  readonly #store: CopyStore | undefined;
  readonly #keyOf: (place: Place) => string;
  #absentUntil = 0;
  #trouble: string | undefined;
  #isProven = false;

  /** `keyOf`: a URL under the Worker's own host that says environment, wire version and colo. */
  constructor(store: CopyStore | undefined, keyOf: (place: Place) => string) {
    this.#store = store;
    this.#keyOf = keyOf;
    if (!store) this.#trouble = "no Cache API";
  }

  /** Why there is none, or undefined. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** The copy, and how long it has been there at most; undefined: none that can be believed. */
  async read(place: Place, now: () => number): Promise<{ copy: ColoCopy; elapsedMs: number } | undefined> {
    if (!this.#store || this.#isAbsent(now())) return undefined;
    try {
      const response = await this.#store.match(this.#keyOf(place));
      if (!response) return undefined;
      const copy = readMessage(copySchema, await response.text(), MAX_DIGEST_CHARS);
      if (!copy) return this.#doubt("a copy that is not understood");
      if (copy.storedAt > now() + COLO_SKEW_MS) return this.#doubt("a copy from the future");
      return { copy, elapsedMs: Math.max(0, now() - copy.storedAt) + COLO_SKEW_MS };
    } catch (error) {
      this.#absent(wordsOf(error), now());
      return undefined;
    }
  }

  /** Leaves a copy for the neighbours. The first time it is read back, to see that this works here at all. */
  async write(place: Place, parts: Parts, refreshAfter: number, now: () => number): Promise<void> {
    const storedAt = now();
    if (!this.#store || this.#isAbsent(storedAt)) return;
    try {
      const key = this.#keyOf(place);
      const copy: ColoCopy = { wire: WIRE, parts, storedAt, refreshAfter };
      const headers = { "Cache-Control": `max-age=${COLO_KEPT_S}`, "Content-Type": "application/json" };
      await this.#store.put(key, new Response(JSON.stringify(copy), { headers }));
      if (this.#isProven) return;
      const back = await this.#store.match(key);
      await back?.body?.cancel();
      if (!back) return this.#absent("what was put cannot be read back", now());
      this.#isProven = true;
      this.#trouble = undefined;
    } catch (error) {
      this.#absent(wordsOf(error), now());
    }
  }

  /** Until when it is left alone; never for longer than a pause is, though the clock be put back. */
  #isAbsent(now: number): boolean {
    return this.#absentUntil > now && this.#absentUntil - now <= COLO_ABSENT_MS;
  }

  #absent(trouble: string, now: number): void {
    this.#doubt(trouble);
    this.#absentUntil = now + COLO_ABSENT_MS;
  }

  /** What lies there is wrong, and the next copy that is put will mend it. */
  #doubt(trouble: string): undefined {
    this.#trouble = trouble;
    this.#isProven = false;
  }
}

/** The key of a colo's copy: one colo, one environment, one wire version. */
export function coloCopyKey(host: string, environment: string, colo: string): string {
  return `https://${host}/.breakwater/view/${WIRE}/${encodeURIComponent(environment)}/${encodeURIComponent(colo)}`;
}
