import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { artefacts } from "./generate/artefacts.ts";
import { staleArtefacts } from "./generate/staleArtefacts.ts";

/** `npm run generate`: writes every generated file. `--check` writes nothing, and fails naming those that are stale. */

const ROOT = resolve(import.meta.dirname, "..");

const { check } = new Command("generate")
  .description(
    "Write the files that are made from the source: docs/errors.md, the OpenAPI document, the indexes as SQL.",
  )
  .option("--check", "write nothing; fail and name the files that are stale")
  .parse()
  .opts<{ check?: true }>();

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
