import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { PART_VARIABLE } from "./constants.ts";

/** Quick files first: most mutants are told by the first test that reaches them, and a table takes milliseconds. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { cache, config } = this.ctx;
    const lastMs = ({ project, moduleId }: TestSpecification) =>
      cache.getFileTestResults(`${project.name}:${relative(config.root, moduleId)}`)?.duration ?? 0;
    return files.toSorted((a, b) => lastMs(a) - lastMs(b));
  }
}

/** The pure tests of one part, as `runStryker.ts` names it. They run in Stryker's own copy of the repository. */
export default defineConfig({
  test: {
    include: ["tools/mutate/loads.test.ts", `test/unit/pure/${process.env[PART_VARIABLE]}/**/*.test.ts`],
    exclude: ["**/*.search.test.ts"], // they take seconds, and are asked once for each mutant that nothing else tells
    setupFiles: ["tools/mutate/sameChance.ts"],
    isolate: false, // an environment a file costs more than the tests in it; each mutant has its own all the same
    sequence: { sequencer: QuickFirst },
  },
});
