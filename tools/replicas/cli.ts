import type { Command } from "commander";
import { AdminClient, type AdminOptions } from "../admin/adminClient.ts";
import { asking, ordering } from "../admin/asking.ts";
import { readReplicas, replicasText } from "./replicasText.ts";

interface LookOptions extends AdminOptions {
  readonly json?: boolean;
}

interface OrderOptions extends AdminOptions {
  readonly reason: string;
  readonly owner?: string;
}

/** `npm run cli -- replicas …`: roles, rotation and epochs, looked at and overruled. */
export function addReplicaCommands(program: Command): void {
  const replicas = program.command("replicas").description("look at the replicas, drain one, name the primary");
  asking(replicas.command("status", { isDefault: true }))
    .description("each node's role, rotation, lag and share of reads; the epochs; what somebody has to look at")
    .option("--json", "the Worker's answer as it is")
    .action(async ({ json, ...options }: LookOptions) => {
      const answer = await (await AdminClient.of(options)).get("/admin/replicas");
      console.log(json ? JSON.stringify(answer) : replicasText(readReplicas(answer)));
    });

  ordering(replicas.command("drain"))
    .description("keep reads from a replica until it is resumed")
    .argument("<node>")
    .requiredOption("--reason <text>", "why, for the history")
    .action((node: string, options: OrderOptions) =>
      order(`/admin/replicas/${encodeURIComponent(node)}/drain`, options),
    );

  ordering(replicas.command("resume"))
    .description("let reads go to it again")
    .argument("<node>")
    .option("--reason <text>", "why, for the history", "resumed")
    .action((node: string, options: OrderOptions) =>
      order(`/admin/replicas/${encodeURIComponent(node)}/resume`, options),
    );

  ordering(replicas.command("primary"))
    .description("say which of several nodes that take writes is the primary; promote it by its own means first")
    .argument("<node>")
    .requiredOption("--reason <text>", "why, for the history")
    .action((node: string, options: OrderOptions) => order("/admin/replicas/primary", options, { node }));
}

async function order(path: string, { reason, owner, ...options }: OrderOptions, more: object = {}): Promise<void> {
  const client = await AdminClient.of(options);
  const { kind } = await client.post(path, { ...more, reason, owner });
  if (kind === "beginning") console.log("Decided, and not yet confirmed by the node: look again in a second.");
  console.log(replicasText(readReplicas(await client.get("/admin/replicas"))));
}
