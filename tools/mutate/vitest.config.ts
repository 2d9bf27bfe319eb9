import { defineConfig } from "vitest/config";
import { PART_VARIABLE } from "./constants.ts";

/** The pure tests of one part, as `runStryker.ts` names it. They run in Stryker's own copy of the repository. */
export default defineConfig({
  test: {
    include: [`test/unit/pure/${process.env[PART_VARIABLE]}/**/*.test.ts`],
    setupFiles: ["tools/mutate/sameChance.ts"],
  },
});
