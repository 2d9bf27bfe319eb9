import { type CliRun, cliRun } from "./cliRun.ts";

export type IndexCli = CliRun;

/** `npm run cli -- indexes …` as a process of its own. */
export function indexCli(...args: string[]): IndexCli {
  return cliRun("indexes", ...args);
}
