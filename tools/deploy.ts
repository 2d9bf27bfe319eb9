import { Command } from "commander";
import { run } from "./run.ts";

/** `npm run deploy`: to Cloudflare, by wrangler, after everything that can be checked here was. */

const { dryRun } = new Command("deploy")
  .description("Check, bundle and deploy the Worker to Cloudflare.")
  .option("--dry-run", "stop before anything leaves this machine")
  .parse()
  .opts<{ dryRun?: boolean }>();

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ["checks", "node", ["tools/check.ts"]],
  ["bundle", "wrangler", ["deploy", "--dry-run", "--outdir", ".breakwater/deploy"]],
  ...(dryRun ? [] : [["deploy", "wrangler", ["deploy"]] as const]),
];
for (const [name, command, args] of steps) {
  const { code } = await run(command, args);
  if (code === 0) continue;
  console.error(`Stopped at: ${name}. Nothing after it was done.`);
  process.exit(1);
}
