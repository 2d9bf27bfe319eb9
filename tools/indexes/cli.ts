import type { Command } from "commander";
import { addDeploy, addRollback } from "./cliDeploy.ts";
import { addPlan, addStatus, addVerify } from "./cliLook.ts";

/** `npm run cli -- indexes <command>`: the index catalogue on a database. */
export function addIndexCommands(program: Command): void {
  const indexes = program.command("indexes").description("plan, deploy, check and undo the index catalogue");
  addPlan(indexes);
  addDeploy(indexes);
  addStatus(indexes);
  addVerify(indexes);
  addRollback(indexes);
}
