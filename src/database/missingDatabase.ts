import type { Database } from "./database.ts";

/** Stands where there is no database to talk to because the configuration is wrong: everything throws that. */
export function missingDatabase(why: unknown): Database & { close(): Promise<unknown> } {
  const refuse = () => Promise.reject(why);
  return {
    read: refuse,
    write: refuse,
    claim: refuse,
    mark: refuse,
    routes: [],
    timings: [],
    close: () => Promise.resolve(),
  };
}
