import { run } from "./run.ts";

/** Each check: what it proves, and the command that proves it. In order: the cheap ones first. */
const CHECKS: readonly { readonly name: string; readonly command: string; readonly args: readonly string[] }[] = [
  { name: "generated artefacts are fresh", command: "node", args: ["tools/generate.ts", "--check"] },
  {
    name: "every named query has samples, every index stands the lints",
    command: "node",
    args: ["tools/indexes/checkCatalogue.ts"],
  },
  { name: "format, lint, boundaries", command: "biome", args: ["ci", "--error-on-warnings", "."] },
  { name: "Worker types", command: "tsc", args: ["-p", "tsconfig.json"] },
  { name: "Node types", command: "tsc", args: ["-p", "tsconfig.node.json"] },
  { name: "workerd test types", command: "tsc", args: ["-p", "test/unit/workerd/tsconfig.json"] },
  { name: "no unused code or dependency", command: "knip", args: [] },
  { name: "Env is what wrangler.toml says", command: "wrangler", args: wranglerTypes("--check") },
];

function wranglerTypes(...more: string[]): string[] {
  return ["types", "--include-runtime", "false", "--strict-vars", "false", ...more];
}

let failed = 0;
for (const { name, command, args } of CHECKS) {
  const { code, output } = await run(command, args, { capture: true });
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
  if (code === 0) continue;
  failed++;
  console.log(output);
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
