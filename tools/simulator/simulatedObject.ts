import type { Scheduler } from "./scheduler.ts";
import { Disk, StoredRows } from "./storedRows.ts";
import type { Tally } from "./tally.ts";

/** What an instance gets of its surroundings. */
export interface ObjectContext {
  readonly storage: StoredRows;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Whatever an instance that was reset still wants to send goes nowhere, and what it is answered finds nobody. */
  readonly whileAlive: <T>(send: () => Promise<T>) => Promise<T>;
}

/** `hang`: never answers. `throw`, `overloaded`: refuses at once. */
export type ObjectFault = "none" | "hang" | "throw" | "overloaded";

/** Measured: an idle object's memory is gone after this long. */
const IDLE_MS = 12_500;
/** An alarm for now rings after this long: the platform has to deliver it. */
const ALARM_LEAST_MS = 10;
/** An alarm that failed is tried again after this long. */
const ALARM_RETRY_MS = 2_000;

/** One Durable Object, an instance of it a shell as those in `objects/`: storage that stays, instances that come and go. */
export class SimulatedObject<S extends object> {
  readonly name: string;
  fault: ObjectFault = "none";
  /** Its memory is lost between any two messages. */
  forgetful = false;
  evictions = 0;
  readonly #scheduler: Scheduler;
  readonly #tally: Tally;
  readonly #open: (context: ObjectContext) => S;
  readonly #alarm: (shell: S) => Promise<void>;
  readonly #disk = new Disk();
  #instance: { readonly shell: S; readonly storage: StoredRows } | undefined;
  /** What ends the calls under way when the instance dies. A promise raced each time would hold all they ever said. */
  readonly #underWay = new Set<(error: Error) => void>();
  #working = 0;
  #lastAt = 0;
  #busySince = 0;

  /** `open`: a new instance, from its rows. `alarm`: what it does when it is woken by its own. */
  constructor(
    name: string,
    { scheduler, tally }: { scheduler: Scheduler; tally: Tally },
    open: (context: ObjectContext) => S,
    alarm: (shell: S) => Promise<void> = async () => {},
  ) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#tally = tally;
    this.#open = open;
    this.#alarm = alarm;
  }

  /** One call of it. */
  async call<T>(invoke: (shell: S) => Promise<T>): Promise<T> {
    this.#tally.called(this.name, this.#scheduler.now());
    return this.#event(invoke);
  }

  /** Looks inside, unseen: no call, no eviction. */
  peek(): S {
    return this.#instanceNow().shell;
  }

  /** Memory gone, storage kept; only where nothing is being done. */
  evict(): boolean {
    if (this.#working > 0 || !this.#instance) return false;
    this.#instance.storage.isAlive = false;
    this.#instance = undefined;
    this.evictions++;
    return true;
  }

  /** The instance is gone, and all calls in it fail: a deploy. */
  reset(): void {
    const instance = this.#instance;
    if (!instance) return;
    this.#instance = undefined;
    this.#working = 0;
    instance.storage.isAlive = false;
    const error = new Error("Durable Object reset because its code was updated.");
    Object.assign(error, { durableObjectReset: true, retryable: true });
    const underWay = [...this.#underWay];
    this.#underWay.clear();
    for (const end of underWay) end(error);
  }

  async #event<T>(invoke: (shell: S) => Promise<T>): Promise<T> {
    switch (this.fault) {
      case "hang":
        return new Promise<T>(() => {});
      case "throw":
        throw new Error("something in the object threw");
      case "overloaded":
        throw Object.assign(new Error("Durable Object is overloaded. Too many requests queued."), { overloaded: true });
      case "none":
        break;
      default:
        this.fault satisfies never;
    }
    const { now } = this.#scheduler;
    if (this.forgetful || now() - this.#lastAt > IDLE_MS) this.evict();
    const { shell } = this.#instanceNow();
    return this.#busy(this.#unlessReset(invoke(shell)));
  }

  #unlessReset<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject);
      work.then(resolve, reject).finally(() => this.#underWay.delete(reject));
    });
  }

  /** While it lasts the object stays in memory. */
  async #busy<T>(work: Promise<T>): Promise<T> {
    const instance = this.#instance;
    if (this.#working++ === 0) this.#busySince = this.#scheduler.now();
    try {
      return await work;
    } finally {
      if (this.#instance === instance) {
        this.#working--;
        this.#lastAt = this.#scheduler.now();
        if (this.#working === 0) this.#tally.of(this.name).activeMs += this.#lastAt - this.#busySince;
      }
    }
  }

  #instanceNow() {
    if (this.#instance) return this.#instance;
    const storage = new StoredRows(this.#disk, this.#tally.of(this.name), (at) => this.#armed(at));
    const shell = this.#open({
      storage,
      waitUntil: (work) => this.#busy(work).catch((error: unknown) => this.#scheduler.fail(error)),
      whileAlive: async (send) => {
        const sent = storage.isAlive ? await send() : undefined;
        return storage.isAlive && sent !== undefined ? sent : new Promise(() => {});
      },
    });
    this.#lastAt = this.#scheduler.now();
    this.#instance = { shell, storage };
    return this.#instance;
  }

  #armed(at: number): void {
    this.#scheduler.at(Math.max(at, this.#scheduler.now() + ALARM_LEAST_MS), () => {
      if (this.#disk.alarmAt === at) this.#ring();
    });
  }

  /** At least once: what failed is rung again. */
  #ring(): void {
    this.#disk.alarmAt = undefined;
    this.#tally.called(this.name, this.#scheduler.now(), true);
    const again = () => this.#scheduler.after(ALARM_RETRY_MS, () => this.#disk.alarmAt === undefined && this.#ring());
    if (this.fault === "hang") again();
    else this.#event(this.#alarm).catch(again);
  }
}
