/** A member of one shelf. `place` is the shelf's to set. */
export interface Shelved {
  readonly bytes: number;
  place: number;
}

/**
 * Members in no order, of whom the one of least worth among some is found without looking at all: a hand goes round,
 * looks at so many at a time, and stops behind the one it took, so that of equals those go first that it did not pass.
 */
export class SampledShelf<Member extends Shelved> {
  readonly #members: Member[] = [];
  readonly #sample: number;
  #hand = 0;
  #bytes = 0;

  constructor(sample: number) {
    this.#sample = sample;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    member.place = this.#members.push(member) - 1;
    this.#bytes += member.bytes;
  }

  remove(member: Member): void {
    const last = this.#members.pop();
    if (last && last !== member) {
      last.place = member.place;
      this.#members[member.place] = last;
    }
    this.#bytes -= member.bytes;
  }

  /** The one of least worth of the next few; undefined: there is none. */
  least(worthOf: (member: Member) => number): Member | undefined {
    let least: Member | undefined;
    let worth = Number.POSITIVE_INFINITY;
    for (let looked = 0; looked < this.#sample; looked++) {
      const member = this.#members[(this.#hand + looked) % this.#members.length];
      if (!member) break;
      const its = worthOf(member);
      if (its < worth) [least, worth] = [member, its];
    }
    if (least) this.#hand = least.place + 1;
    return least;
  }
}
