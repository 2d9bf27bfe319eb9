import * as z from "zod/mini";
import { WIRE } from "../rpc/constants.ts";
import { type Parts, partsSchema } from "../rpc/parts.ts";
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

  /** The copy, and how long it has been there; undefined: none that can be believed. */
  async read(place: Place, now: () => number): Promise<{ copy: ColoCopy; elapsedMs: number } | undefined> {
    if (!this.#store || this.#absentUntil > now()) return undefined;
    try {
      const response = await this.#store.match(this.#keyOf(place));
      if (!response) return undefined;
      const parsed = copySchema.safeParse(await response.json());
      if (!parsed.success || parsed.data.storedAt > now() + COLO_SKEW_MS) return undefined;
      // All machines of a colo keep time; what their clocks may differ by is added, never taken off.
      return { copy: parsed.data, elapsedMs: Math.abs(now() - parsed.data.storedAt) };
    } catch (error) {
      this.#absent(error instanceof Error ? error.message : String(error), now());
      return undefined;
    }
  }

  /** Leaves a copy for the neighbours. The first time it is read back, to see that this works here at all. */
  async write(place: Place, parts: Parts, refreshAfter: number, now: () => number): Promise<void> {
    const storedAt = now();
    if (!this.#store || this.#absentUntil > storedAt) return;
    const key = this.#keyOf(place);
    const copy: ColoCopy = { wire: WIRE, parts, storedAt, refreshAfter };
    const headers = { "Cache-Control": `max-age=${COLO_KEPT_S}`, "Content-Type": "application/json" };
    try {
      await this.#store.put(key, new Response(JSON.stringify(copy), { headers }));
      if (this.#isProven) return;
      const back = await this.#store.match(key);
      await back?.body?.cancel();
      if (!back) return this.#absent("what was put cannot be read back", now());
      this.#isProven = true;
      this.#trouble = undefined;
    } catch (error) {
      this.#absent(error instanceof Error ? error.message : String(error), now());
    }
  }

  #absent(trouble: string, now: number): void {
    this.#trouble = trouble;
    this.#absentUntil = now + COLO_ABSENT_MS;
    this.#isProven = false;
  }
}

/** The key of a colo's copy: one colo, one environment, one wire version. */
export function coloCopyKey(host: string, environment: string, colo: string): string {
  return `https://${host}/.breakwater/view/${WIRE}/${encodeURIComponent(environment)}/${encodeURIComponent(colo)}`;
}
