import { type Command, InvalidArgumentError } from "commander";
import { AdminClient, type AdminOptions } from "../admin/adminClient.ts";
import { AdminError } from "../admin/adminError.ts";
import { asking } from "../admin/asking.ts";
import { readCache } from "./cacheAnswer.ts";
import { cacheText } from "./cacheText.ts";
import { hasFailed, readWarmed, warmText } from "./warmText.ts";

interface JsonOptions extends AdminOptions {
  readonly json?: boolean;
}

interface WarmOptions extends JsonOptions {
  readonly top?: number;
  readonly dryRun?: boolean;
}

interface PurgeOptions extends JsonOptions {
  readonly hard?: boolean;
}

/** A run ends by itself within 20 s. */
const WARM_DEADLINE_MS = 30_000;

/** `npm run cli -- cache …`: shared answers, looked at, loaded beforehand and taken back. */
export function addCacheCommands(program: Command): void {
  const cache = program.command("cache").description("look at the shared answers, warm them, take them back");
  answering(cache.command("status", { isDefault: true }))
    .description("hits, misses, bytes and ages by route and tier, the hottest keys and the dearest misses, the runway")
    .action(async ({ json, ...options }: JsonOptions) => {
      const answer = await (await AdminClient.of(options)).get("/admin/cache");
      console.log(json ? JSON.stringify(answer) : cacheText(readCache(answer)));
    });

  answering(cache.command("warm"))
    .description("load answers before anybody asks; exit code 1 where one failed, or is none that is shared")
    .argument("[paths...]", "as a visitor asks: /api/pitches?genre=drama; default: the hottest keys")
    .option("--top <count>", "so many of the hottest keys, 100 by default", topCount)
    .option("--dry-run", "say what would be loaded, and load nothing")
    .action(async (paths: string[], { json, top, dryRun, ...options }: WarmOptions) => {
      if (paths.length > 0 && top !== undefined) throw new AdminError("Give paths or --top, not both.");
      const client = await AdminClient.of(options);
      const order = { ...(paths.length > 0 && { paths }), top, dryRun };
      const answer = await client.post("/api/cache/warm", order, WARM_DEADLINE_MS);
      const report = readWarmed(answer);
      console.log(json ? JSON.stringify(answer) : warmText(report));
      if (hasFailed(report)) process.exitCode = 1;
    });

  answering(cache.command("purge"))
    .description("make every answer old that carries one of these tags, in the whole world")
    .argument("<tags...>", "as routes and writes name them: pitches, genre:drama, pitch:<id>")
    .option("--hard", "give none of them to anybody again, even where the database is gone")
    .action(async (tags: string[], { json, hard, ...options }: PurgeOptions) => {
      const order = { tags, kind: hard ? "hard" : "soft" };
      const answer = await (await AdminClient.of(options)).post("/admin/cache/purge", order);
      if (answer.seq === undefined) throw new AdminError("Breakwater is switched off there: nothing was done.");
      console.log(json ? JSON.stringify(answer) : purgedText(tags, hard === true));
    });
}

function answering(command: Command): Command {
  return asking(command).option("--json", "the Worker's answer as it is");
}

function purgedText(tags: readonly string[], isHard: boolean): string {
  const what = isHard ? "is given to nobody again" : "is old: loaded anew behind the next answer";
  return `What carries ${tags.join(" or ")} ${what}, as soon as each isolate hears of it.`;
}

function topCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,4}$/.test(text) || count < 1 || count > 1_000) throw new InvalidArgumentError("Give 1 to 1000.");
  return count;
}
