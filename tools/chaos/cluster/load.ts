import type { BedIsolate } from "../../bed/startBed.ts";
import { seededRandom } from "../../neon-proxy/faults/seededRandom.ts";
import { type Asked, ask, type Heard } from "./ask.ts";
import { OWN_KEYS } from "./constants.ts";
import type { Operation, OutcomeOperation, Promised, ReadOperation } from "./history.ts";
import type { Recorder } from "./recorder.ts";
import { titleOf, valueIn } from "./register.ts";
import { readEpoch, writeEpoch } from "./said.ts";
import { type Carried, NOTHING_CARRIED, type Open, type Session } from "./session.ts";

export interface LoadOptions {
  readonly isolates: readonly BedIsolate[];
  readonly sessions: readonly Session[];
  /** The account that owns all registers. */
  readonly bearer: string;
  readonly recorder: Recorder;
  readonly nowMs: () => number;
  readonly seed: number;
  /** Hears of each read that was not answered, at once. */
  readonly onRefused: (read: ReadOperation, sessionToken: string | undefined) => void;
}

interface Key {
  readonly key: string;
  readonly pitchId: string;
}

const PITCH = { logline: "A register of the chaos bed.", genre: "drama", format: "feature", stage: "script" };

/** The clients. `arrive` is one arrival; what it does was drawn from the seed and its number alone. */
export class ClusterLoad {
  readonly #options: LoadOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #arrivals = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  arrive(): void {
    const { seed, sessions } = this.#options;
    const random = seededRandom(seed * 1_000_003 + this.#arrivals++);
    const [what, who, which, where, how] = [random(), random(), random(), random(), random()];
    const writers = sessions.filter(({ register }) => register !== null);
    const visitors = sessions.filter(({ register }) => register === null);
    const session = pick(sessions, who);
    if (what < 0.46) this.#spawn(this.#sessionRead(session, which, where));
    else if (what < 0.64) this.#spawn(this.#strangerRead(which, where, "any"));
    else if (what < 0.72) this.#spawn(this.#strangerRead(which, where, "strict"));
    else if (what < 0.87) this.#spawn(this.#count(pick(writers, who), where, how));
    else if (what < 0.96) this.#spawn(this.#create(pick(visitors, who), where, how));
    else this.#spawn(this.#createAsStranger(where, how));
  }

  /** Until nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Each session once more: whoever lost something hears of it now at the latest. False: one was not answered. */
  async farewell(): Promise<boolean> {
    const { sessions } = this.#options;
    const answered = await Promise.all(sessions.map((session) => this.#sessionRead(session, 0, 0)));
    return answered.every(Boolean);
  }

  /** Settles what is still unknown; false: it is still. */
  async settleOpen(): Promise<boolean> {
    const { sessions } = this.#options;
    for (const session of sessions) if (session.open) await this.#resolve(session, session.open, 0, 0.9);
    return sessions.every(({ open }) => open === undefined);
  }

  #spawn(work: Promise<unknown>): void {
    this.#underWay.add(work);
    work.finally(() => this.#underWay.delete(work));
  }

  async #sessionRead(session: Session, which: number, where: number): Promise<boolean> {
    const registers = this.#options.sessions.flatMap(({ register }) => register ?? []);
    // Half of the looks are at what it wrote itself.
    const own = session.own.slice(0, OWN_KEYS);
    const at = which < 0.5 && own.length > 0 ? pick(own, 2 * which) : pick(registers, (which * 2) % 1);
    const brought = session.carried;
    const asked = { brought, promised: brought.sessionToken === undefined ? "any" : "session" } as const;
    const { id, heard } = await this.#read(session.name, session.isolate(where), at, asked);
    session.take(id, brought, heard, false);
    return heard.ending === "answered";
  }

  async #strangerRead(which: number, where: number, promised: "any" | "strict"): Promise<void> {
    const registers = this.#options.sessions.flatMap(({ register }) => register ?? []);
    const isolate = pick(this.#options.isolates, where);
    await this.#read(promised === "any" ? "stranger" : "keeper", isolate, pick(registers, which), {
      brought: NOTHING_CARRIED,
      promised,
    });
  }

  async #read(
    client: string,
    isolate: BedIsolate,
    { key, pitchId }: Key,
    { brought, promised }: { readonly brought: Carried; readonly promised: Promised },
  ): Promise<{ id: number; heard: Heard }> {
    const { recorder, bearer, nowMs, onRefused } = this.#options;
    const id = recorder.nextId();
    const asked: Asked = {
      method: "GET",
      path: `/api/pitches/${pitchId}`,
      ...(promised === "strict" && { bearer }),
      sessionToken: brought.sessionToken,
      expected: [200, 404],
    };
    const heard = await ask(isolate, asked, nowMs);
    const value = heard.status === 200 ? valueIn((heard.body as { title?: unknown }).title) : 0;
    const operation: ReadOperation = {
      ...requestOf(id, client, isolate, brought, heard),
      ...(value === undefined && { ending: "failed" as const, trouble: "no register's title" }),
      kind: "read",
      epoch: readEpoch(heard.token),
      promised,
      key,
      value: value ?? 0,
      isShared: heard.isShared,
    };
    recorder.add(operation);
    if (operation.ending !== "answered") onRefused(operation, brought.sessionToken);
    return { id, heard };
  }

  /** The next number of its register, once the last one's fate is known. */
  async #count(session: Session, where: number, how: number): Promise<void> {
    if (session.isWriting) return;
    session.isWriting = true;
    try {
      if (session.open) await this.#resolve(session, session.open, where, how);
      if (session.open || !session.register) return;
      const { key, pitchId } = session.register;
      const value = ++session.lastValue;
      const idempotencyKey = how < 0.5 ? crypto.randomUUID() : undefined;
      await this.#write(session, session.isolate(where), { key, value, pitchId, idempotencyKey, outcome: undefined });
    } finally {
      session.isWriting = false;
    }
  }

  async #create(session: Session, where: number, how: number): Promise<void> {
    if (session.isWriting) return;
    session.isWriting = true;
    try {
      if (session.open) await this.#resolve(session, session.open, where, how);
      if (session.open) return;
      const idempotencyKey = how < 0.5 ? crypto.randomUUID() : undefined;
      const key = `c${this.#options.recorder.nextId()}`;
      await this.#write(session, session.isolate(where), {
        key,
        value: 1,
        pitchId: undefined,
        idempotencyKey,
        outcome: undefined,
      });
    } finally {
      session.isWriting = false;
    }
  }

  /** One write of a stranger's; whether it was answered. */
  tryWrite(): Promise<boolean> {
    return this.#createAsStranger(0, 0);
  }

  /** By nobody who keeps a token, and who repeats nothing. */
  async #createAsStranger(where: number, how: number): Promise<boolean> {
    const isolate = pick(this.#options.isolates, where);
    const idempotencyKey = how < 0.5 ? crypto.randomUUID() : undefined;
    const key = `c${this.#options.recorder.nextId()}`;
    const write: Open = { key, value: 1, pitchId: undefined, idempotencyKey, outcome: undefined };
    const { heard } = await this.#send("stranger", isolate, NOTHING_CARRIED, write);
    return heard.ending === "answered";
  }

  async #write(session: Session, isolate: BedIsolate, write: Open): Promise<void> {
    const brought = session.carried;
    const { id, heard } = await this.#send(session.name, isolate, brought, write);
    session.take(id, brought, heard, heard.ending === "answered");
    const named = (heard.body as { outcome?: unknown } | undefined)?.outcome;
    // Of a repeat that was refused only the repeat is known to have done nothing.
    const isOpen = heard.ending === "unknown" || (heard.ending === "refused" && write === session.open);
    session.open = isOpen ? { ...write, outcome: typeof named === "string" ? named : write.outcome } : undefined;
    const given = (heard.body as { id?: unknown } | undefined)?.id;
    if (heard.ending !== "answered" || typeof given !== "string") return;
    const others = session.own.filter(({ key }) => key !== write.key);
    session.own = [{ key: write.key, pitchId: given }, ...others].slice(0, OWN_KEYS);
  }

  async #send(
    client: string,
    isolate: BedIsolate,
    brought: Carried,
    write: Open,
  ): Promise<{ id: number; heard: Heard }> {
    const { recorder, bearer, nowMs } = this.#options;
    const { key, value, pitchId, idempotencyKey } = write;
    const id = recorder.nextId();
    const title = titleOf({ key, value });
    const heard = await ask(
      isolate,
      {
        ...(pitchId === undefined
          ? { method: "POST", path: "/api/pitches", json: { ...PITCH, title } }
          : { method: "PATCH", path: `/api/pitches/${pitchId}`, json: { title } }),
        bearer,
        sessionToken: brought.sessionToken,
        idempotencyKey,
        expected: [200, 201],
      },
      nowMs,
    );
    const operation: Operation = {
      ...requestOf(id, client, isolate, brought, heard),
      kind: "write",
      epoch: heard.ending === "answered" ? writeEpoch(heard.token) : null,
      key,
      value,
      hasIdempotencyKey: idempotencyKey !== undefined,
    };
    recorder.add(operation);
    return { id, heard };
  }

  /** By the key again where there is one, else by asking what became of it. A write without either is left alone. */
  async #resolve(session: Session, open: Open, where: number, how: number): Promise<void> {
    const isolate = session.isolate(where);
    const isByOutcome = open.outcome !== undefined && (open.idempotencyKey === undefined || how > 0.7);
    if (!isByOutcome && open.idempotencyKey !== undefined) return this.#write(session, isolate, open);
    if (open.outcome === undefined) {
      session.open = undefined;
      return;
    }
    const { recorder, bearer, nowMs } = this.#options;
    const id = recorder.nextId();
    const brought = session.carried;
    const path = `/api/outcomes/${open.outcome}`;
    const asked: Asked = { method: "GET", path, bearer, sessionToken: brought.sessionToken, expected: [200] };
    const heard = await ask(isolate, asked, nowMs);
    const state = stateOf(heard);
    const operation: OutcomeOperation = {
      ...requestOf(id, session.name, isolate, brought, heard),
      kind: "outcome",
      epoch: readEpoch(heard.token),
      key: open.key,
      value: open.value,
      state,
    };
    recorder.add(operation);
    session.take(id, brought, heard, false);
    if (heard.ending === "answered" && state !== "pending") session.open = undefined;
  }
}

function stateOf({ ending, body }: Heard): OutcomeOperation["state"] {
  if (ending !== "answered") return "pending";
  const { state } = body as { state?: unknown };
  return state === "committed" || state === "void" ? state : "pending";
}

function requestOf(id: number, client: string, isolate: BedIsolate, brought: Carried, heard: Heard) {
  const { startMs, endMs, ending, status, told, route, trouble, sessionToken } = heard;
  return {
    id,
    client,
    isolate: isolate.name,
    startMs,
    endMs,
    parent: brought.from,
    gaveToken: sessionToken !== undefined,
    ending,
    status,
    told,
    route,
    ...(trouble !== undefined && { trouble }),
  };
}

function pick<T>(all: readonly T[], random: number): T {
  return all[Math.min(all.length - 1, Math.floor(random * all.length))] as T;
}
