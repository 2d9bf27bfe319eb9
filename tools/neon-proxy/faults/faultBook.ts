import { SLEEP_AFTER_MS } from "../constants.ts";
import { drawDelay } from "./drawDelay.ts";
import { type Fault, type FaultInput, parseFaults } from "./faultSchema.ts";
import { seededRandom } from "./seededRandom.ts";

/** How a request ends instead of by its answer. */
export type Ending =
  | { readonly kind: "drop" }
  | { readonly kind: "black-hole" }
  | { readonly kind: "status"; readonly code: number }
  | { readonly kind: "empty-code" };

/** What faults do to one request, all of it drawn beforehand. */
export interface FaultPlan {
  /** Waited before anything is sent to the node. */
  readonly wakeMs: number;
  /** Instead of running the statements. */
  readonly before: Ending | undefined;
  /** Instead of the answer, once they ran. */
  readonly after: Ending | undefined;
  /** Waited before whatever the client gets. */
  readonly delayMs: number;
  /** Waited as well when the node cannot be reached. */
  readonly hiddenRetryMs: number;
}

interface Entry {
  readonly fault: Fault;
  readonly random: () => number;
  left: number;
  applied: number;
  /** When the node is awake; undefined while it sleeps. */
  awakeAt: number | undefined;
  lastAskedAt: number;
}

const NOTHING: FaultPlan = { wakeMs: 0, before: undefined, after: undefined, delayMs: 0, hiddenRetryMs: 0 };

/** The faults set on each node. `now` is in milliseconds. */
export class FaultBook {
  readonly #entries = new Map<string, readonly Entry[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Replaces the node's faults. Of several, each request gets the first that matches it and is not used up.
   * @throws {Error} naming the field that is wrong.
   */
  set(node: string, input: FaultInput | readonly FaultInput[]): void {
    const entries = parseFaults(input).map((fault) => ({
      fault,
      random: fault.seed === undefined ? Math.random : seededRandom(fault.seed),
      left: fault.times ?? Number.POSITIVE_INFINITY,
      applied: 0,
      awakeAt: undefined,
      lastAskedAt: this.#now(),
    }));
    this.#entries.set(node, entries);
  }

  /** Clears one node's faults, or all. */
  clear(node?: string): void {
    if (node === undefined) this.#entries.clear();
    else this.#entries.delete(node);
  }

  /** Each node's faults, with how often each was applied and how many times it still will be (null: no limit). */
  list(): Record<string, readonly (Fault & { readonly applied: number; readonly left: number | null })[]> {
    const shown = [...this.#entries].map(([node, entries]) => {
      const faults = entries.map(({ fault, applied, left }) => {
        return { ...fault, applied, left: Number.isFinite(left) ? left : null };
      });
      return [node, faults] as const;
    });
    return Object.fromEntries(shown);
  }

  /** What happens to the next request to the node with these query names. Uses up one of `times` if anything does. */
  take(node: string, queryNames: readonly string[]): FaultPlan {
    const entry = this.#entries.get(node)?.find(({ fault, left }) => {
      return left > 0 && (fault.match === undefined || queryNames.includes(fault.match));
    });
    if (!entry) return NOTHING;
    const plan = draw(entry, this.#now());
    if (!isNothing(plan)) {
      entry.left -= 1;
      entry.applied += 1;
    }
    return plan;
  }
}

function draw(entry: Entry, now: number): FaultPlan {
  const { fault, random } = entry;
  // Always drawn, so that the sequence of a seed does not depend on what else is set.
  const isDropped = random() < (fault.drop?.chance ?? 0);
  const drawn = fault.distribution ? drawDelay(fault.distribution, random) : 0;
  const endings: { readonly when: "before" | "after"; readonly ending: Ending }[] = [];
  if (fault.drop && isDropped) endings.push({ when: fault.drop.when, ending: { kind: "drop" } });
  if (fault.blackHole) endings.push({ when: fault.blackHole.when, ending: { kind: "black-hole" } });
  if (fault.status) endings.push({ when: fault.status.when, ending: { kind: "status", code: fault.status.code } });
  if (fault.emptyCode) endings.push({ when: fault.emptyCode.when, ending: { kind: "empty-code" } });
  return {
    wakeMs: wakeMs(entry, now),
    before: endings.find(({ when }) => when === "before")?.ending,
    after: endings.find(({ when }) => when === "after")?.ending,
    delayMs: (fault.delayMs ?? 0) + drawn,
    hiddenRetryMs: fault.hiddenRetryMs ?? 0,
  };
}

function wakeMs(entry: Entry, now: number): number {
  const { asleepMs } = entry.fault;
  if (asleepMs === undefined) return 0;
  if (now - entry.lastAskedAt >= SLEEP_AFTER_MS) entry.awakeAt = undefined;
  entry.lastAskedAt = now;
  entry.awakeAt ??= now + asleepMs;
  return Math.max(0, entry.awakeAt - now);
}

function isNothing({ wakeMs, before, after, delayMs, hiddenRetryMs }: FaultPlan): boolean {
  return !before && !after && wakeMs === 0 && delayMs === 0 && hiddenRetryMs === 0;
}
