import type { Item } from "./catalogue.ts";
import type { Loaded } from "./subject.ts";

/** For caches that know no tags: when which was written to, kept beside them by whoever uses them. */
export class TagsBeside {
  readonly #newest = new Map<string, number>();

  written({ touches }: Item, number: number): void {
    for (const tag of touches) this.#newest.set(tag, number);
  }

  /** Something newer was written of what it shows. */
  isOld({ tags }: Item, { writes }: Loaded): boolean {
    return tags.some((tag) => (this.#newest.get(tag) ?? 0) > writes);
  }
}
