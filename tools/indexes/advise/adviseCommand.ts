import type { Command } from "commander";
import { type CommonOptions, withCommon } from "../cliOptions.ts";
import { IndexError } from "../deploy/indexError.ts";
import { loadCatalogue } from "../deploy/loadCatalogue.ts";
import { targetOf } from "../deploy/target.ts";
import { adviceTable } from "./adviceTable.ts";
import { advise } from "./advise.ts";
import type { CloneChoice } from "./openClone.ts";

interface Options extends CommonOptions {
  readonly breakwaterUrl?: string;
  readonly cloneUrl?: string;
  readonly copy?: boolean;
  readonly strict?: boolean;
}

/** `indexes advise`: what could be better, with numbers and the command that would act on it. Changes nothing. */
export function addAdvise(indexes: Command): void {
  withCommon(indexes.command("advise"))
    .description("say which indexes are missing, unused, redundant, invalid or bloated; changes nothing")
    .option("--replica-url <url...>", "standbys, whose counters count as well; default: the running cluster's")
    .option(
      "--breakwater-url <url>",
      "the Worker that is asked for its slow and frequent queries; default: the running one",
    )
    .option("--admin-token <token>", "for its /admin/queries; default: $ADMIN_TOKEN")
    .option("--clone-url <url>", "a branch or copy of the database, on which missing indexes are tried")
    .option("--copy", "try them on a copy on this machine; reads all rows of the database once")
    .option("--strict", "exit code 1 when anything was found")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { cloneUrl, copy = false, json = false, strict = false, breakwaterUrl } = options;
  const adminToken = options.adminToken ?? process.env.ADMIN_TOKEN;
  if (cloneUrl !== undefined && copy) throw new IndexError("refused", "Give --clone-url or --copy, not both.");
  if (breakwaterUrl !== undefined && adminToken === undefined) {
    throw new IndexError("refused", "A Worker tells of its queries to admins alone: give --admin-token.");
  }
  const clone: CloneChoice | undefined =
    cloneUrl !== undefined ? { kind: "url", url: cloneUrl } : copy ? { kind: "copy" } : undefined;
  const { connectionString, replicaUrls, breaker } = await targetOf({
    ...options,
    ...(breakwaterUrl === undefined ? {} : { breakerUrl: breakwaterUrl }),
    ...(adminToken === undefined ? {} : { adminToken }),
  });
  const advice = await advise({
    connectionString,
    replicas: replicaUrls,
    entries: await loadCatalogue(options.catalogue),
    worker: breaker,
    clone,
    onProgress: (step) => console.error(`  ${step}`),
  });
  console.log(json ? JSON.stringify(advice) : adviceTable(advice));
  if (strict && advice.findings.length > 0) process.exitCode = 1;
}
