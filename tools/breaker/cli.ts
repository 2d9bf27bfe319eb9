import { Argument, type Command, InvalidArgumentError } from "commander";
import { MAX_HOLD_MS } from "../../src/breaker/constants.ts";
import { AdminClient, type AdminOptions } from "../admin/adminClient.ts";
import { asking, ordering } from "../admin/asking.ts";
import { parseDuration } from "../cluster/duration.ts";
import { breakerText, epochOf, HELD_STATES, readBreaker } from "./breakerText.ts";

interface LookOptions extends AdminOptions {
  readonly json?: boolean;
}

interface OrderOptions extends AdminOptions {
  readonly reason: string;
  readonly owner?: string;
}

/** `npm run cli -- breaker …`: the world's breaker, looked at and overruled. */
export function addBreakerCommands(program: Command): void {
  const breaker = program.command("breaker").description("look at the world's breaker, and hold a node by hand");
  asking(breaker.command("status", { isDefault: true }))
    .description("each node's state, its evidence and who holds it; and the last transitions")
    .option("--json", "the Worker's answer as it is")
    .action(async ({ json, ...options }: LookOptions) => {
      const answer = await (await AdminClient.of(options)).get("/admin/breaker");
      console.log(json ? JSON.stringify(answer) : breakerText(readBreaker(answer)));
    });

  ordering(breaker.command("hold"))
    .description("hold a node in a state, whatever the evidence, until the order ends by itself")
    .argument("<node>")
    .addArgument(new Argument("<state>", "what it is held in").choices(HELD_STATES))
    .requiredOption("--for <duration>", "how long, a day at most: 30s, 10m, 4h", holdMs)
    .requiredOption("--reason <text>", "why, for the history")
    .action(async (node: string, state: string, options: OrderOptions & { readonly for: number }) => {
      const body = { state, expiresInS: Math.ceil(options.for / 1_000) };
      await order("hold", node, options, body);
    });

  ordering(breaker.command("release"))
    .description("end a hold before its time")
    .argument("<node>")
    .option("--reason <text>", "why, for the history", "released")
    .action((node: string, options: OrderOptions) => order("release", node, options, {}));

  ordering(breaker.command("reincarnate"))
    .description("after a restore of the object's storage: let all isolates believe it again")
    .requiredOption("--reason <text>", "why, for the history")
    .action(async ({ reason, owner, ...options }: OrderOptions) => {
      const said = await (await AdminClient.of(options)).post("/admin/breaker/reincarnate", { reason, owner });
      console.log(`The breaker is now in incarnation ${said.incarnation}.`);
    });
}

/** An order names the epoch its giver saw: the one that stands now. */
async function order(what: "hold" | "release", node: string, options: OrderOptions, more: object): Promise<void> {
  const client = await AdminClient.of(options);
  const expectedEpoch = epochOf(readBreaker(await client.get("/admin/breaker")), node);
  const { reason, owner } = options;
  await client.post(`/admin/breaker/${what}`, { node, reason, expectedEpoch, owner, ...more });
  console.log(breakerText(readBreaker(await client.get("/admin/breaker"))));
}

function holdMs(text: string): number {
  const ms = parseDuration(text, MAX_HOLD_MS);
  if (ms === undefined || ms < 1_000) throw new InvalidArgumentError("Give a duration from 1s to 24h, such as 10m.");
  return ms;
}
