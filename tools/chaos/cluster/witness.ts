import { provable, proven } from "../../../src/database/provable.ts";
import { query } from "../../../src/database/query.ts";
import { judgeRead } from "../../../src/replicas/session/judgeRead.ts";
import { DATABASE } from "../../cluster/cluster.ts";
import { withClient } from "../../cluster/postgresServer.ts";
import type { NodeState } from "../../cluster/state.ts";
import { LOOK_WITHIN_MS, WATCH_EVERY_MS } from "./constants.ts";
import type { ReadOperation } from "./history.ts";
import { tokenInside } from "./said.ts";
import type { Troubles } from "./troubles.ts";

interface Look {
  readonly atMs: number;
  /** Where its log stands, and which process says so; null: it did not answer. */
  readonly stand: string | null;
}

/** Where a server stands: unchanged, it shows now what it showed then. */
const STAND = `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text
  || ' ' || pg_postmaster_start_time()::text AS stand`;

/**
 * Knows from outside whether a refused read could have been answered: it asks the servers themselves. A node held what
 * the session was promised if it proves it at the refusal, and its log stood where it stands since before the request.
 */
export class Witness {
  readonly #looks = new Map<string, Look[]>();
  readonly #nodes: readonly NodeState[];
  readonly #troubles: Troubles;
  readonly #nowMs: () => number;
  readonly #isOut: (node: string) => Promise<boolean>;
  #isOver = false;

  constructor(
    nodes: readonly NodeState[],
    troubles: Troubles,
    nowMs: () => number,
    isOut: (node: string) => Promise<boolean>,
  ) {
    this.#nodes = nodes;
    this.#troubles = troubles;
    this.#nowMs = nowMs;
    this.#isOut = isOut;
  }

  /** Looks at all nodes again and again until `stop`. */
  async watch(): Promise<void> {
    await Promise.all(
      this.#nodes.map(async (node) => {
        while (!this.#isOver) {
          const stand = await this.#standOf(node);
          const looks = this.#looks.get(node.name) ?? [];
          this.#looks.set(node.name, [...looks.slice(-100), { atMs: this.#nowMs(), stand }]);
          await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
        }
      }),
    );
  }

  stop(): void {
    this.#isOver = true;
  }

  /** The nodes in rotation that could have answered the read all the time it waited. */
  async provableAt(read: ReadOperation, sessionToken: string | undefined): Promise<string[]> {
    const token = tokenInside(sessionToken);
    const held = await Promise.all(
      this.#nodes.map(async (node) => {
        if (!this.#troubles.wasWell(node.name, read.startMs, this.#nowMs())) return false;
        const before = this.#looks.get(node.name)?.findLast(({ atMs }) => atMs <= read.startMs);
        if (!before?.stand || (token && !(await this.#proves(node, token)))) return false;
        return (await this.#standOf(node)) === before.stand && !(await this.#isOut(node.name));
      }),
    );
    return this.#nodes.flatMap(({ name }, index) => (held[index] ? [name] : []));
  }

  #proves(node: NodeState, token: NonNullable<ReturnType<typeof tokenInside>>): Promise<boolean> {
    const { text, values } = provable(query("chaos.look", "SELECT 1", []), token);
    return within(
      withClient(node.port, DATABASE, async (client) => {
        const { rows } = await client.query({ text, values: [...values], rowMode: "array" });
        const said = proven({ columns: [], rows, command: "SELECT", rowCount: rows.length }, token);
        if (!said) return false;
        const isPrimary = said.proof.isPrimary && this.#troubles.primary === node.name;
        return judgeRead(token, { ...said.proof, isPrimary }).kind === "good";
      }),
    ).then((proves) => proves ?? false);
  }

  async #standOf({ port }: NodeState): Promise<string | null> {
    const look = withClient(port, DATABASE, async (client) => {
      return (await client.query<{ stand: string }>(STAND)).rows[0]?.stand ?? null;
    });
    return (await within(look)) ?? null;
  }
}

/** Undefined: not in time, or not at all. */
async function within<T>(work: Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, LOOK_WITHIN_MS));
  return Promise.race([work.catch(() => undefined), late]);
}
