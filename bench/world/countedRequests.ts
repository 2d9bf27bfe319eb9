import { BUDGET_WINDOW_MS } from "../../src/breaker/admission/constants.ts";
import { isUsable } from "../../src/database/candidates.ts";
import type { DatabaseState } from "../../src/database/databaseState.ts";
import type { SimulatedNodes } from "../../tools/simulator/simulatedNodes.ts";

/** How visitors' requests ended, and how many attempts reached a node. */
export interface RequestCounts {
  answered: number;
  failed: number;
  refused: number;
  sent: number;
}

/** `answered`, `refused`: all of them, so that they are a rate; `each`: chance or state decides for each by itself. */
type Manner = "answered" | "refused" | "each";

interface Traffic {
  readonly state: DatabaseState;
  readonly nodes: SimulatedNodes;
  readonly now: () => number;
  readonly random: () => number;
  readonly background: (work: Promise<unknown>) => void;
  readonly isDown: () => boolean;
  readonly requestsPerSecond: number;
  /** A request ended: what is due is done behind it. */
  readonly ended: () => void;
}

/**
 * The requests of one isolate. As long as every one of them is answered by a closed node, or refused before open ones,
 * they are a number, told to the isolate's state; else each is served, through the gates of production.
 */
export class CountedRequests {
  readonly counts: RequestCounts = { answered: 0, failed: 0, refused: 0, sent: 0 };
  /** When a request may last have been refused by a node's breaker, wherever it went. */
  boundedAt = Number.NEGATIVE_INFINITY;
  readonly #traffic: Traffic;
  #manner: Manner = "answered";
  #countedAt: number;
  /** Of a request. */
  #part = 0;
  #nextAt = Number.POSITIVE_INFINITY;

  constructor(traffic: Traffic, startsAt: number) {
    this.#traffic = traffic;
    this.#countedAt = startsAt;
  }

  /** When the next one comes, where each matters. */
  get dueAt(): number {
    return this.#nextAt;
  }

  get isByRate(): boolean {
    return this.#manner !== "each";
  }

  /** All that came up to now, as things stood; then as they stand now. */
  advance(): void {
    const now = this.#traffic.now();
    if (this.isByRate) this.#count(now);
    this.#turn(now);
    while (this.#nextAt <= now) {
      this.#nextAt += this.untilNext();
      this.#serve();
    }
  }

  untilNext(): number {
    return (-1_000 * Math.log(1 - this.#traffic.random())) / this.#traffic.requestsPerSecond;
  }

  #count(now: number): void {
    const { state, requestsPerSecond } = this.#traffic;
    const came = this.#part + (requestsPerSecond * Math.max(0, now - this.#countedAt)) / 1_000;
    const count = Math.floor(came);
    this.#countedAt = Math.max(now, this.#countedAt);
    this.#part = came - count;
    for (let index = 0; index < count; index++) state.ledger.request(now);
    if (this.#manner === "refused") this.counts.refused += count;
    else if (count > 0) this.#answer(count);
  }

  /** One of each node's is told to its breaker and evidence, the others are only counted. */
  #answer(count: number): void {
    const { state, now, random } = this.#traffic;
    const at = now();
    this.counts.answered += count;
    this.counts.sent += count;
    const nodes = this.#readFrom(at);
    const from = Math.floor(random() * nodes.length);
    for (const [index, node] of nodes.entries()) {
      const place = (index + nodes.length - from) % nodes.length;
      const share = Math.floor((count + nodes.length - 1 - place) / nodes.length);
      if (share === 0) continue;
      state.observe(node, { failure: undefined, kind: "read", now: at, sentAt: at });
      const epoch = state.view.epochOf(node);
      for (let told = 1; told < share; told++) state.ledger.outcome(node, "read", "ok", epoch);
    }
  }

  /** Where all nodes are closed, reads fall evenly on the replicas: they are alike. */
  #readFrom(now: number): string[] {
    const { state, nodes } = this.#traffic;
    const replicas = state.candidates(now).filter((node) => node.role !== "primary" && isUsable(node, now));
    if (replicas.length > 0) return replicas.map(({ name }) => name);
    const [choice] = nodes.choices();
    if (!choice) throw new Error("no node is admitted that was a moment ago");
    return [choice.node];
  }

  #turn(now: number): void {
    const manner = this.#mannerAt(now);
    if (manner === this.#manner) return;
    if (this.#manner === "answered") this.#remember(now);
    this.#manner = manner;
    this.#countedAt = now;
    this.#nextAt = manner === "each" ? now + this.untilNext() : Number.POSITIVE_INFINITY;
  }

  #mannerAt(now: number): Manner {
    const { state, isDown } = this.#traffic;
    const all = state.nodes.map(({ name }) => state.breakers.effective(name, now));
    const isOpen = (name: string) => name === "closed" || name === "forced-closed" || name === "shadow";
    const free = all.filter((each) => isOpen(each.state)).length;
    if (free === 0) this.boundedAt = now;
    if (free === all.length && !isDown()) return "answered";
    return free === 0 && all.every((each) => each.ratePerS === null) ? "refused" : "each";
  }

  /** What was answered as a number counts for the retries of what is not. */
  #remember(now: number): void {
    const { state, requestsPerSecond } = this.#traffic;
    const seconds = BUDGET_WINDOW_MS / 1_000;
    for (let ago = seconds; ago > 0; ago--) {
      for (let index = 0; index < requestsPerSecond; index++) state.gates.countTry(now - ago * 1_000);
    }
  }

  /** Nodes that are well answer within the moment; of dead ones each refusal takes its time. */
  #serve(): void {
    const { isDown, background } = this.#traffic;
    if (isDown()) background(this.#fail());
    else this.#ended(this.#ask() ? "answered" : "refused");
  }

  #ask(): boolean {
    const { state, nodes, now } = this.#traffic;
    const admits = ({ name }: { name: string }) =>
      state.gates.admission(nodes.asker, name, "first").kind === "admitted";
    if (!state.nodes.some(admits)) return false; // as `read` begins, too
    const choices = nodes.choices();
    state.gates.countTry(now());
    for (const { node, spills } of choices) {
      const permit = state.gates.enter(nodes.asker, node, spills ? "spill" : "first");
      if (permit.kind === "refused") continue;
      this.counts.sent++;
      state.observe(node, { failure: undefined, kind: "read", now: now(), sentAt: now() });
      state.gates.leave(permit, undefined, now());
      return true;
    }
    return false;
  }

  async #fail(): Promise<void> {
    this.#ended(await this.#traffic.nodes.read());
  }

  #ended(end: "answered" | "failed" | "refused"): void {
    this.counts[end]++;
    this.#traffic.state.ledger.request(this.#traffic.now());
    this.#traffic.ended();
  }
}
