import type { BreakableClass } from "../bedFaults.ts";
import { faultTable, type OrderedFault } from "./faultTable.ts";

/** How often a call that hangs looks whether its fault was lifted. */
const LOOK_EVERY_MS = 100;

/** What the platform says when a deploy restarts an object. */
const RESET = "Durable Object reset because its code was updated.";

interface Instance {
  readonly ctx: { abort?(reason: string): void };
}

/**
 * Puts a fault in front of (or behind) each method that the class inherits. The class is a subclass of the production
 * class made for this: production code holds no hook, and runs unchanged where no fault is ordered.
 */
export function breakable(cls: BreakableClass, subclass: { readonly prototype: object }): void {
  const production: object = Object.getPrototypeOf(subclass.prototype);
  for (const method of Object.getOwnPropertyNames(production)) {
    const original: unknown = Reflect.get(production, method);
    if (method === "constructor" || typeof original !== "function") continue;
    Object.defineProperty(subclass.prototype, method, {
      value(this: Instance, ...args: unknown[]) {
        const met = faultTable.meet(cls, method);
        const work = () => Reflect.apply(original, this, args) as Promise<unknown>;
        return met ? suffer(met, this, work) : work();
      },
    });
  }
}

async function suffer(met: OrderedFault, instance: Instance, work: () => Promise<unknown>): Promise<unknown> {
  const { fault } = met;
  switch (fault.kind) {
    case "slow":
      await sleep(fault.ms);
      return work();
    case "dropAnswer":
      await work();
      return fail(fault.by, met, instance);
    case "hang":
    case "throw":
    case "overloaded":
    case "reset":
      return fail(fault.kind, met, instance);
    default:
      return fault satisfies never;
  }
}

async function fail(how: "hang" | "throw" | "overloaded" | "reset", met: OrderedFault, { ctx }: Instance) {
  switch (how) {
    case "throw":
      throw new Error("This call fails: the bed ordered it.");
    case "overloaded":
      throw Object.assign(new Error("Durable Object is overloaded. Requests queued for too long."), {
        overloaded: true,
      });
    case "reset":
      ctx.abort?.(RESET);
      throw new Error(RESET); // an entry point has no `abort`
    case "hang":
      // A timer, since the runtime ends what waits for nothing.
      while (!met.isLifted) await sleep(LOOK_EVERY_MS);
      throw new Error("Network connection lost.");
    default:
      return how satisfies never;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
