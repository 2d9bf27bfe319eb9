import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { FOLDER } from "./constants.ts";
import { DIFFERENCES, type Difference } from "./obstacles.ts";
import { summary } from "./reportWords.ts";
import { writeReport } from "./writeReport.ts";

/** `indexes report`: compares. */
export function addReport(indexes: Command): void {
  indexes
    .command("report")
    .description("compare two baselines: report.html and report.md, with paired bootstrap intervals")
    .option("--before <label>", "the first baseline", "before")
    .option("--after <label>", "the second baseline", "after")
    .addOption(new Option("--allow <kinds...>", "compare although these differ").choices(DIFFERENCES).default([]))
    .option("--folder <path>", "where baselines are kept and the report goes", FOLDER)
    .action(report);
}

async function report(options: {
  readonly before: string;
  readonly after: string;
  readonly allow: readonly Difference[];
  readonly folder: string;
}): Promise<void> {
  const { before, after, allow, folder } = options;
  const written = await writeReport({ folder: resolve(folder), before, after, allowed: allow });
  console.log(summary(written).join("\n"));
  console.log(written.paths.join("\n"));
  if (written.overall === undefined) process.exitCode = 1;
}
