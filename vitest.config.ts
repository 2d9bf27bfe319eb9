import { builtinModules } from "node:module";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** Told apart by folder: pure code, code inside workerd, code against real Postgres; and `e2e`, which needs apt's tools. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "pure", include: ["test/unit/pure/**/*.test.ts"] } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/cluster/support/globalSetup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        plugins: [
          cloudflareTest({ wrangler: { configPath: "./wrangler.toml" }, miniflare: { kvNamespaces: ["TEST_KV"] } }),
        ],
        test: {
          name: "workerd",
          include: ["test/unit/workerd/**/*.test.ts"],
          // `pg` is CommonJS that imports its socket for Workers as a module: bundled first, as wrangler would.
          deps: {
            optimizer: {
              ssr: { enabled: true, include: ["pg"], rolldownOptions: { external: [...builtinModules] } },
            },
          },
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: ["test/cluster/support/globalSetup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
