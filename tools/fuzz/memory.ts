import { REMEMBERED, VICTIM_SHARE } from "./constants.ts";
import type { Asker } from "./plan.ts";

/** Ids, addresses and cursors by kind: `pitch`, `user`, `email`, `cursor`. */
export type Things = Readonly<Record<string, readonly string[]>>;

/** A page of a list that goes on. */
export interface SeenPage {
  readonly operationId: string;
  /** Percent-encoded pairs, the cursor not among them. */
  readonly query: readonly string[];
  readonly cursor: string;
}

/** Something picked from the memory, for a slot of a request. */
export interface Picked {
  readonly slot: string;
  readonly kind: string;
  readonly relation: Relation;
  readonly value: string;
}

/** Whose a thing is, for who asks: their own, another's of the lane, anybody's; or a victim's. */
type Relation = "own" | "mate" | "seen" | "victim";

interface Group {
  readonly kind: string;
  readonly owner: Asker | undefined;
  readonly values: string[];
  added: number;
}

/**
 * What a lane knows from answers, and which kinds of ids its slots (an operation's parameter or field) take: what worked
 * is picked more often, so that no table must say which id belongs where. Nothing in it is left to chance.
 */
export class Memory {
  readonly #groups = new Map<string, Group>();
  readonly #pages: SeenPage[] = [];
  readonly #scores = new Map<string, { tries: number; hits: number }>();
  readonly #victims: Things;

  /** `victims`: things that belong to others, which are tried again and again, and never forgotten. */
  constructor(victims: Things) {
    this.#victims = victims;
  }

  /** `owner`: who made it, or was shown it as theirs. */
  add(kind: string, value: string, owner?: Asker): void {
    const key = `${kind} ${owner ?? ""}`;
    const group = this.#groups.get(key) ?? { kind, owner, values: [], added: 0 };
    this.#groups.set(key, group);
    if (!group.values.includes(value)) group.values[group.added++ % REMEMBERED] = value;
  }

  addPage(page: SeenPage): void {
    if (this.#pages.length >= REMEMBERED) this.#pages.shift();
    this.#pages.push(page);
    this.add("cursor", page.cursor);
  }

  /** A page of this list, or undefined when none was seen; `at`, from 0 to 1, says which. */
  pageOf(operationId: string, at: number): SeenPage | undefined {
    const own = this.#pages.filter((page) => page.operationId === operationId);
    return own[Math.floor(at * own.length)];
  }

  /** Something for a slot, whose `kind` it should be by its name. Undefined when nothing of the sort is known. */
  pick(slot: string, kind: string, asker: Asker, at: number): Picked | undefined {
    const isVictims = at < VICTIM_SHARE;
    const rest = isVictims ? at / VICTIM_SHARE : (at - VICTIM_SHARE) / (1 - VICTIM_SHARE);
    const known = isVictims ? this.#ofVictims() : this.#ofOthers(asker);
    const weighted = known.map((each) => ({ ...each, weight: this.#weight(slot, kind, each) }));
    let left = rest * weighted.reduce((sum, { weight }) => sum + weight, 0);
    for (const { kind: found, relation, values, weight } of weighted) {
      if (left < weight) {
        const value = values[Math.floor((left / weight) * values.length)];
        return value === undefined ? undefined : { slot, kind: found, relation, value };
      }
      left -= weight;
    }
    return undefined;
  }

  /** How an answer took what was picked: 1 for a success, 0 for none. */
  learn(picked: readonly Picked[], success: number): void {
    for (const { slot, kind, relation } of picked) {
      const key = `${slot} ${kind} ${relation}`;
      const { tries, hits } = this.#scores.get(key) ?? { tries: 0, hits: 0 };
      this.#scores.set(key, { tries: tries + 1, hits: hits + success });
    }
  }

  #ofVictims() {
    return Object.entries(this.#victims).map(([kind, values]) => ({ kind, values, relation: "victim" as const }));
  }

  #ofOthers(asker: Asker) {
    return Array.from(this.#groups.values(), ({ kind, owner, values }) => {
      const relation: Relation = owner === undefined ? "seen" : owner === asker ? "own" : "mate";
      return { kind, values, relation };
    });
  }

  /** How likely it is to work: by its name alone at first, then by what worked. Nothing is given up for good. */
  #weight(slot: string, wanted: string, { kind, relation }: { kind: string; relation: Relation }): number {
    const isNamesake = kind === wanted;
    if (ALONE.has(wanted) || ALONE.has(kind)) return isNamesake ? 1 : 0;
    const { tries, hits } = this.#scores.get(`${slot} ${kind} ${relation}`) ?? { tries: 0, hits: 0 };
    return (hits + (isNamesake ? 3 : 0.05)) / (tries + 3);
  }
}

/** Kinds that are no ids, and fit nowhere else. */
const ALONE: ReadonlySet<string> = new Set(["cursor", "email", "token"]);
