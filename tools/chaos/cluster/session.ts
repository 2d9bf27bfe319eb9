import type { BedIsolate } from "../../bed/startBed.ts";
import type { Heard } from "./ask.ts";

/** What a client keeps of its session: the token that it was last given, and by which request. */
export interface Carried {
  readonly sessionToken: string | undefined;
  readonly from: number | null;
}

export const NOTHING_CARRIED: Carried = { sessionToken: undefined, from: null };

/** A write of which nobody knows yet whether it was done. */
export interface Open {
  readonly key: string;
  readonly value: number;
  readonly pitchId: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** The mark's id, where the answer named it. */
  readonly outcome: string | undefined;
}

/** A client with a session. It may ask several things at once, as a browser does, but writes one after the other. */
export class Session {
  readonly name: string;
  /** One, or those between which it moves. */
  readonly isolates: readonly BedIsolate[];
  carried: Carried = NOTHING_CARRIED;
  isWriting = false;
  /** Of its register; null: it has none. */
  readonly register: { readonly key: string; readonly pitchId: string } | null;
  lastValue = 0;
  open: Open | undefined;
  /** Registers that it created or counts up, newest first. */
  own: { readonly key: string; readonly pitchId: string }[] = [];

  constructor(name: string, isolates: readonly BedIsolate[], register: Session["register"] = null) {
    this.name = name;
    this.isolates = isolates;
    this.register = register;
  }

  isolate(random: number): BedIsolate {
    const chosen = this.isolates[Math.floor(random * this.isolates.length)];
    if (!chosen) throw new Error(`${this.name} has no isolate`);
    return chosen;
  }

  /**
   * Takes what an answer gave. A write's always; a read's only where nothing was taken since it was sent, or what was
   * given for a write meanwhile would be thrown away.
   */
  take(id: number, brought: Carried, { sessionToken }: Heard, isWrite: boolean): void {
    if (sessionToken === undefined || (!isWrite && this.carried !== brought)) return;
    this.carried = { sessionToken, from: id };
  }
}
