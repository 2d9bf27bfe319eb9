import type { Command } from "commander";

/** The options of a command that asks a Worker's `/admin`: which one, and with what. */
export function asking(command: Command): Command {
  return command
    .option("--url <url>", "the Worker's address; default: the running system's")
    .option("--admin-token <token>", "for its /admin; default: BREAKWATER_ADMIN_TOKEN, else the running system's");
}

/** Those of one that changes something there. */
export function ordering(command: Command): Command {
  return asking(command).option("--owner <name>", "who gives the order, beside the token's digest");
}
