import type { BumpKnowledge } from "../cache/bumpKnowledge.ts";
import { afterRead as afterReadOwed, type Owed, stillOwed, withNumbers, withWrite } from "../cache/owed.ts";
import { owedOf } from "../replicas/session/joinTokens.ts";
import { afterRead, type Broken } from "../replicas/session/judgeRead.ts";
import type { Proof } from "../replicas/session/proof.ts";
import { afterWrite, EMPTY_TOKEN, type Mark, type Token } from "../replicas/session/token.ts";

/**
 * One request's session: what it brought, and what it takes away. A request without one begins one with its first write;
 * reads alone owe nobody anything.
 */
export class Session {
  #token: Token | undefined;
  readonly #brought: Token | undefined;
  #broken: Broken = { lost: [], rewound: false, unproven: false };

  /** `brought`: what the client sent and we believe. */
  constructor(brought?: Token) {
    this.#brought = brought;
    this.#token = brought;
  }

  /** As it stands now; undefined: there is none. */
  get token(): Token | undefined {
    return this.#token;
  }

  /** What the client must be given to bring the next time; undefined: what it has will do. */
  get changed(): Token | undefined {
    return this.#token === this.#brought ? undefined : this.#token;
  }

  /** What it owes, in two: what this request wrote, and the rest. */
  get parts(): { readonly wrote: Token; readonly rest: Token } {
    const { marks, shared = [] } = this.#token ?? EMPTY_TOKEN;
    const before = this.#brought ?? EMPTY_TOKEN;
    const brought = new Set([...before.marks, ...(before.shared ?? [])].map(({ id }) => id));
    const isOwn = ({ id }: { readonly id: string }) => id !== "" && !brought.has(id);
    const isRest = (each: { readonly id: string }) => !isOwn(each);
    return {
      wrote: { marks: marks.filter(isOwn), seen: null, shared: shared.filter(isOwn) },
      rest: { marks: marks.filter(isRest), seen: null, shared: shared.filter(isRest) },
    };
  }

  /** What shared answers must show to it. With the numbers of its writes, once the world gave them. */
  owed(known: BumpKnowledge, now: number): readonly Owed[] {
    const token = this.#token;
    if (!token) return [];
    // A token of an older version, or that passed through one, tells of its writes alone: each may have touched anything.
    if (!token.shared) return owedOf(token, now);
    const shared = withNumbers(stillOwed(token.shared, now), known);
    if (shared !== token.shared) this.#token = { ...token, shared: [...shared] };
    return shared;
  }

  /** What could not be kept in this request's answers, all told. */
  get broken(): Broken {
    return this.#broken;
  }

  /** An answer was given to it. */
  read(node: string, proof: Proof, broken: Broken): void {
    if (!this.#token) return;
    const token = afterRead(this.#token, node, proof, broken);
    const isKnown = token.shared !== undefined && proof.epoch !== null;
    const shared = isKnown && { shared: [...afterReadOwed(token.shared ?? [], String(proof.epoch), broken.lost)] };
    this.#token = { ...token, ...shared };
    this.#broken = {
      lost: [...new Set([...this.#broken.lost, ...broken.lost])],
      rewound: this.#broken.rewound || broken.rewound,
      unproven: this.#broken.unproven || broken.unproven,
    };
  }

  /** A write of it was answered. `before`: its marks when that was sent; `buckets`: of its tags. */
  wrote(mark: Mark, before: readonly Mark[], buckets: readonly number[], now: number): void {
    const token = afterWrite(this.#token ?? EMPTY_TOKEN, mark, before);
    this.#token = { ...token, shared: withWrite(token.shared ?? [], mark, buckets, now) };
  }
}
