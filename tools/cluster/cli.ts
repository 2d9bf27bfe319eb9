import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { Cluster } from "./cluster.ts";
import { ClusterError } from "./clusterError.ts";
import { openCluster } from "./createCluster.ts";
import { parseDuration } from "./duration.ts";
import { statusTable } from "./statusTable.ts";

/** `npm run cluster -- <command>`: breaks and mends the running cluster, one line an effect. */

const ROOT = resolve(".breakwater");
const program = new Command("cluster")
  .description("Break and mend the cluster that `npm start` runs. A node is its name, or `primary`, or `replica`.")
  .showHelpAfterError("(--help lists the commands)");

program
  .command("status")
  .description("what each node is and does")
  .option("--json", "as JSON")
  .action(({ json }: { json?: boolean }) =>
    act(async (cluster) => {
      const status = await cluster.status();
      return json ? JSON.stringify(status) : statusTable(status);
    }),
  );

onNode(
  "stop",
  "shut a node down in good order",
  async (cluster, node) => `${(await cluster.stop(node)).name} is down.`,
);
onNode("kill", "SIGKILL a node, as if its machine had gone", async (cluster, node) => {
  return `${(await cluster.kill(node)).name} was killed.`;
});
onNode("pause", "freeze a node (SIGSTOP): it accepts connections and never answers", async (cluster, node) => {
  return `${(await cluster.pause(node)).name} is frozen.`;
});
onNode("resume", "let a frozen node go on", async (cluster, node) => `${(await cluster.resume(node)).name} goes on.`);
onNode("detach", "cut a standby off from its primary: it answers, and hears of nothing", async (cluster, node) => {
  return `${(await cluster.detach(node)).name} follows nobody.`;
});
onNode("start", "start a node that is down, or go on with a frozen one", async (cluster, node) => {
  const { name, role } = await cluster.start(node);
  return `${name} runs as ${role}.`;
});

program
  .command("lag")
  .description("hold a standby's replay back; 0s ends it")
  .argument("<node>")
  .argument("<duration>", "such as 5s or 250ms", durationArgument)
  .action((node: string, lagMs: number) =>
    act(async (cluster) => {
      const { name } = await cluster.lag(node, lagMs);
      return lagMs === 0 ? `${name} replays at once.` : `${name} replays ${lagMs} ms late.`;
    }),
  );

program
  .command("promote")
  .description("make a standby the primary; the other standby follows it, `start` brings the old one back")
  .argument("<node>")
  .option("--rival", "leave the old primary running: a split brain")
  .action((node: string, options: { rival?: boolean }) =>
    act(async (cluster) => {
      const { name } = await cluster.promote(node, options);
      return `${name} is the primary.`;
    }),
  );

await program.parseAsync();

function onNode(name: string, description: string, effect: (cluster: Cluster, node: string) => Promise<string>): void {
  program
    .command(name)
    .description(description)
    .argument("<node>")
    .action((node: string) => act((cluster) => effect(cluster, node)));
}

async function act(work: (cluster: Cluster) => Promise<string>): Promise<void> {
  try {
    console.log(await work(await openCluster(ROOT)));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("Give a duration up to an hour, such as 250ms, 5s or 2m.");
  return ms;
}
