import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { until } from "../cluster/processes.ts";
import { opened } from "./indexBed.ts";

/** What a fault may lay hands on. */
interface FaultTarget {
  readonly url: string;
  readonly random: () => number;
  /** Ends the deployer as the fault's name says; only for faults that need it. */
  readonly kill: () => void;
  readonly interrupt: () => void;
  /** Starts another deployer beside the first. */
  readonly another: () => Promise<unknown>;
}

export interface IndexFault {
  readonly name: string;
  /** The deployer must be a process that can be killed. */
  readonly needsProcess: boolean;
  /** Whether it met anything to break. */
  readonly strike: (target: FaultTarget) => Promise<boolean>;
}

const ONE_OF_US = `FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'breakwater indexes%'`;
const BUILDER = `${ONE_OF_US} AND state = 'active' AND query ~ '^(CREATE|DROP|ALTER|ANALYZE)'`;

/** Everything that was seen to go wrong around index builds. What is held is let go again. */
export const INDEX_FAULTS: readonly IndexFault[] = [
  fault("deployer killed", async ({ kill }) => kill(), true),
  fault("deployer interrupted", async ({ interrupt }) => interrupt()),
  fault("builder terminated", (target) => met(target, `SELECT pg_terminate_backend(pid) ${BUILDER}`)),
  fault("all our sessions terminated", (target) => met(target, `SELECT pg_terminate_backend(pid) ${ONE_OF_US}`)),
  fault("builder cancelled", (target) => met(target, `SELECT pg_cancel_backend(pid) ${BUILDER}`)),
  fault("snapshot held", (target) =>
    held(target, "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM other"),
  ),
  fault("writer left open", (target) => held(target, "BEGIN", `UPDATE films SET title = title WHERE id = 59999`)),
  fault("vacuum's lock held", (target) => held(target, "BEGIN", "LOCK TABLE people IN SHARE UPDATE EXCLUSIVE MODE")),
  fault("table altered", (target) =>
    said(target, "ALTER TABLE films ALTER COLUMN note TYPE int, ALTER note DROP NOT NULL"),
  ),
  fault("duplicate written", (target) =>
    said(target, "INSERT INTO people VALUES (1000001, 'PERSON7@example.com', '{1}') ON CONFLICT DO NOTHING"),
  ),
  fault("second deployer", ({ another }) => another()),
];

function fault(name: string, strike: (target: FaultTarget) => Promise<unknown>, needsProcess = false): IndexFault {
  return { name, needsProcess, strike: async (target) => (await strike(target)) !== false };
}

/** A deploy works between its statements as well: for what only a running one can feel, the next one is waited for. */
const MEETS_WITHIN_MS = 1_000;

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await opened(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const said = ({ url }: FaultTarget, statement: string) =>
  withClient(url, async (client) => {
    // A duplicate may be refused by the index that it was to spoil.
    await client.query(statement).catch((error: Error) => void error);
  });

const met = ({ url }: FaultTarget, statement: string) =>
  withClient(url, (client) => until(async () => (await client.query(statement)).rowCount !== 0, MEETS_WITHIN_MS));

const held = ({ url, random }: FaultTarget, ...statements: string[]) =>
  withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement);
    await sleep(100 + random() * 1_500);
    await client.query("ROLLBACK");
  });
