import { REQUEST_DEADLINE_MS } from "./constants.ts";

/** `starts`: when each attempt still out left. `answeredAt`: the node's last answer since it owes any. */
interface Debt {
  readonly starts: number[];
  answeredAt: number;
}

/**
 * Nodes that owe answers. A frozen node fails nobody until the first attempt's time is over; until then every new
 * request would join those that wait. One answer, good or bad, ends the silence. An attempt whose request died under it
 * (the runtime cancels the work of a client that left, and nothing runs after that) is forgotten after a deadline.
 */
export class Silence {
  readonly #debts = new Map<string, Debt>();

  /** An attempt left for the node. */
  began(node: string, now: number): void {
    const debt = this.#debts.get(node);
    if (debt) debt.starts.push(now);
    else this.#debts.set(node, { starts: [now], answeredAt: Number.NEGATIVE_INFINITY });
  }

  /** The attempt that began at `startedAt` ended; `answered` unless we gave it up. */
  ended(node: string, startedAt: number, answered: boolean, now: number): void {
    const debt = this.#debts.get(node);
    if (!debt) return;
    const index = debt.starts.indexOf(startedAt);
    if (index >= 0) debt.starts.splice(index, 1);
    if (answered) debt.answeredAt = now;
  }

  /** How long the node has owed an answer, in milliseconds; 0 when it owes none. */
  ofMs(node: string, now: number): number {
    const debt = this.#debts.get(node);
    if (!debt || debt.starts.length === 0) return 0;
    const alive = debt.starts.filter((startedAt) => now - startedAt < REQUEST_DEADLINE_MS);
    debt.starts.splice(0, Number.POSITIVE_INFINITY, ...alive);
    const [oldest] = alive;
    return oldest === undefined ? 0 : Math.max(0, now - Math.max(oldest, debt.answeredAt));
  }
}
