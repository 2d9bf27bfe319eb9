import { type Command, InvalidArgumentError, Option } from "commander";
import type { Phase } from "../../sql/indexes/entry.ts";
import { parseDuration } from "../cluster/duration.ts";
import { type Limits, USUAL_LIMITS } from "./deploy/limits.ts";
import { duration, size } from "./deploy/quantities.ts";
import type { TargetOptions } from "./deploy/target.ts";

/** What every command that looks at a database understands. */
export interface CommonOptions extends TargetOptions {
  readonly json?: boolean;
  readonly catalogue?: string;
}

export interface LimitOptions {
  readonly waitBudget?: number;
  readonly rest?: number;
  readonly patience?: number;
  readonly attempts?: number;
  readonly backOff?: number;
  readonly maxLag?: number;
  readonly maxLagSize?: number;
  readonly maxSize?: number;
}

export function withCommon(command: Command): Command {
  return command
    .option("--database-url <url>", "the primary's direct address; default: the running cluster's primary")
    .option("--json", "one JSON object, or one a line")
    .option("--catalogue <file>", "a JSON array of entries; default: the marketplace's own catalogue");
}

export function withLimits(command: Command): Command {
  const usual = USUAL_LIMITS;
  return command
    .option("--replica-url <url...>", "standbys, to see their lag and their readers; default: the running cluster's")
    .option(
      "--wait-budget <duration>",
      `how long a build waits for one transaction (${duration(usual.waitBudgetMs)})`,
      ms,
    )
    .option(
      "--patience <duration>",
      `how long replicas, the breaker, another's build are waited for (${duration(usual.patienceMs)})`,
      ms,
    )
    .option("--rest <duration>", `between two builds, for visitors to be answered (${duration(usual.restMs)})`, ms)
    .option("--attempts <n>", `how often an index is tried (${usual.attempts})`, attempts)
    .option("--back-off <duration>", `before the second attempt; doubles (${duration(usual.backOffMs)})`, ms)
    .option(
      "--max-lag <duration>",
      `replicas further behind hold the next index back (${duration(usual.maxLagMs)})`,
      ms,
    )
    .option("--max-lag-size <size>", `the same in bytes (${size(usual.maxLagBytes)})`, bytes)
    .option(
      "--max-size <size>",
      "what this run may add to the disk, such as 20GB; default: half of what is free, where that can be seen",
      bytes,
    );
}

export function withBreaker(command: Command): Command {
  return command
    .option("--breaker-url <url>", "the Worker whose breaker is asked before each index; default: the running system's")
    .option("--admin-token <token>", "for its /admin/breaker")
    .addOption(
      new Option("--breaker-unknown <what>", "where the breaker cannot be asked: wait for it, or go on all the same")
        .choices(["wait", "go"])
        .default("wait"),
    );
}

export function limitsOf(options: LimitOptions): Limits {
  const usual = USUAL_LIMITS;
  return {
    waitBudgetMs: options.waitBudget ?? usual.waitBudgetMs,
    patienceMs: options.patience ?? usual.patienceMs,
    restMs: options.rest ?? usual.restMs,
    attempts: options.attempts ?? usual.attempts,
    backOffMs: options.backOff ?? usual.backOffMs,
    maxBackOffMs: usual.maxBackOffMs,
    maxLagMs: options.maxLag ?? usual.maxLagMs,
    maxLagBytes: options.maxLagSize ?? usual.maxLagBytes,
    ...(options.maxSize === undefined ? {} : { maxBytes: options.maxSize }),
  };
}

export function phase(text: string): Phase {
  const found = ([1, 2, 3] as const).find((each) => String(each) === text);
  if (found === undefined) throw new InvalidArgumentError("The phases are 1, 2 and 3.");
  return found;
}

function ms(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError("Give a duration such as 30s or 500ms.");
  return parsed;
}

function attempts(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number from 1 to 99.");
}

function bytes(text: string): number {
  const [, number, unit = "B"] = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?$/i.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("Give a size such as 500MB or 20GB.");
  return Math.round(Number(number) * 1_024 ** ["b", "kb", "mb", "gb", "tb"].indexOf(unit.toLowerCase()));
}
