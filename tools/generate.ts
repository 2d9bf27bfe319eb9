import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { routes } from "../src/marketplace/index.ts";
import { type AnswerVersions, answerVersions, versionTroubles } from "./generate/answerVersions.ts";
import { ANSWER_VERSIONS, artefacts } from "./generate/artefacts.ts";
import { staleArtefacts } from "./generate/staleArtefacts.ts";

/** `npm run generate`: writes every generated file. `--check` writes nothing, and fails naming those that are stale. */

const ROOT = resolve(import.meta.dirname, "..");

const { check } = new Command("generate")
  .description(
    "Write the files that are made from the source: docs/errors.md, the OpenAPI document, the versions of shared answers, the indexes as SQL.",
  )
  .option("--check", "write nothing; fail and name the files that are stale")
  .parse()
  .opts<{ check?: true }>();

// Written over, the change would be forgotten: that is for neither to do.
const troubles = versionTroubles(await committedVersions(), answerVersions(routes));
for (const trouble of troubles) console.error(trouble);
if (troubles.length > 0) process.exit(1);

const stale = await staleArtefacts(ROOT, artefacts());
for (const { path, content } of stale) {
  if (check) {
    console.error(`${path} is not what its sources say: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
    continue;
  }
  const file = join(ROOT, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  console.log(`wrote ${path}`);
}
if (stale.length === 0) console.log("Everything generated is up to date.");

/** None where the file is not there yet: then this run writes the first. */
async function committedVersions(): Promise<AnswerVersions> {
  const text = await readFile(join(ROOT, ANSWER_VERSIONS), "utf8").catch(() => "{}");
  return JSON.parse(text) as AnswerVersions; // what this very command wrote
}
