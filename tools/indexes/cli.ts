import type { Command } from "commander";
import { addAdvise } from "./advise/adviseCommand.ts";
import { addDeploy, addRollback } from "./cliDeploy.ts";
import { addPlan, addStatus, addVerify } from "./cliLook.ts";
import { addProve } from "./prove/proveCommand.ts";
import { addBench } from "./report/benchCommand.ts";
import { addReport } from "./report/reportCommand.ts";

/** `npm run cli -- indexes <command>`: the index catalogue on a database. */
export function addIndexCommands(program: Command): void {
  const indexes = program.command("indexes").description("plan, deploy, check, measure and undo the index catalogue");
  addPlan(indexes);
  addDeploy(indexes);
  addStatus(indexes);
  addVerify(indexes);
  addRollback(indexes);
  addProve(indexes);
  addAdvise(indexes);
  addBench(indexes);
  addReport(indexes);
}
