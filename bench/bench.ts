import type { Option } from "commander";
import type { Lab } from "./lab.ts";

/**
 * One comparison. `run` gets the parsed options and a laboratory that cleans up after it; its result is printed as one
 * line of JSON, in milliseconds unless a key says otherwise.
 */
export interface Bench {
  readonly name: string;
  /** What it compares, in a few words, for `--help`. */
  readonly summary: string;
  readonly options: readonly Option[];
  readonly run: (lab: Lab, options: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>;
}
