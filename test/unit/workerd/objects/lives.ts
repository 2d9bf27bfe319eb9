import { evictDurableObject } from "cloudflare:test";

/** One way an object may live through a scenario: `between` comes after each of its steps. */
export interface Life {
  readonly name: string;
  readonly between: (stub: DurableObjectStub) => Promise<void>;
}

/** Every scenario is told twice: an object must decide rightly when it is evicted between any two messages. */
export const LIVES: readonly Life[] = [
  { name: "in one life", between: async () => {} },
  { name: "evicted between every two steps", between: (stub) => evictDurableObject(stub) },
];

/** An object of its own, and how to talk to it: each message is a step, on a new stub; answers are JSON. */
export function steps<Methods extends string>(namespace: DurableObjectNamespace, { between }: Life) {
  const name = crypto.randomUUID();
  const open = () => namespace.getByName(name);
  return {
    stub: open(),
    open: () => open() as DurableObjectStub & Record<Methods, (text: string) => Promise<string>>,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    say: async (method: Methods, ...args: readonly unknown[]): Promise<any> => {
      const stub = open(); // one that met a reset is broken for good
      const methods = stub as unknown as Record<Methods, (...args: unknown[]) => Promise<string>>;
      const texts = args.map((arg) => (typeof arg === "object" ? JSON.stringify(arg) : arg));
      const answer = await methods[method](...texts);
      await between(stub);
      return JSON.parse(answer);
    },
  };
}

/** Asks until the answer will do, within a deadline: time is the object's own here. */
export async function until<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean, withinMs: number): Promise<T> {
  const endAt = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    if (Date.now() > endAt) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
