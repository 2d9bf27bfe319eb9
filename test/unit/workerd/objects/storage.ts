import { runInDurableObject } from "cloudflare:test";

/** All rows that an object keeps. */
export function rowsOf(stub: DurableObjectStub): Promise<Record<string, string>> {
  return runInDurableObject(stub, (_, { storage }) => {
    const rows = storage.sql.exec<{ key: string; value: string }>("SELECT key, value FROM rows ORDER BY key").toArray();
    return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  });
}

/** When the object's alarm rings, in milliseconds from now; null: it does not. */
export function alarmInMs(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, async (_, { storage }) => {
    const at = await storage.getAlarm();
    return at === null ? null : at - Date.now();
  });
}

/** The statements that are executed while `work` runs, in whichever object. */
export async function statementsOf(storage: DurableObjectStorage, work: () => void): Promise<string[]> {
  const prototype = Object.getPrototypeOf(storage.sql) as { exec: (...args: unknown[]) => unknown };
  const { exec } = prototype;
  const statements: string[] = [];
  prototype.exec = function (this: unknown, ...args: unknown[]) {
    statements.push(String(args[0]));
    return exec.apply(this, args);
  };
  try {
    work();
  } finally {
    prototype.exec = exec;
  }
  return statements;
}
