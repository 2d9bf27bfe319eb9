/** A member of one queue at a time. */
export interface Queued {
  readonly bytes: number;
  older: Queued | undefined;
  newer: Queued | undefined;
}

/**
 * A queue that knows its bytes, as a linked list: a `Map` keeps order too, but to find its first after many were deleted
 * takes V8 as long as there were deleted ones.
 */
export class Fifo<Member extends Queued> {
  #oldest: Member | undefined;
  #newest: Member | undefined;
  #bytes = 0;
  #length = 0;

  get oldest(): Member | undefined {
    return this.#oldest;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  push(member: Member): void {
    member.older = this.#newest;
    member.newer = undefined;
    if (this.#newest) this.#newest.newer = member;
    else this.#oldest = member;
    this.#newest = member;
    this.#bytes += member.bytes;
    this.#length++;
  }

  /** Takes out a member of this queue, wherever it stands. */
  remove(member: Member): void {
    const { older, newer } = member;
    if (older) older.newer = newer;
    else this.#oldest = newer as Member | undefined; // neighbours are of its kind
    if (newer) newer.older = older;
    else this.#newest = older as Member | undefined;
    member.older = undefined;
    member.newer = undefined;
    this.#bytes -= member.bytes;
    this.#length--;
  }
}
