import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { signal, until } from "../cluster/processes.ts";
import { opened } from "./indexBed.ts";

/** What a fault may lay hands on. */
interface FaultTarget {
  readonly url: string;
  readonly random: () => number;
  /** What each does to the deployer is in its name; only faults that need it call it. */
  readonly kill: () => void;
  readonly interrupt: () => void;
  readonly cutConnections: () => void;
  /** Starts another deployer beside the first. */
  readonly another: () => Promise<unknown>;
}

export interface IndexFault {
  readonly name: string;
  /** The deployer must be a process that can be killed. */
  readonly needsProcess: boolean;
  /** The server ends all its sessions, those of the application as well. */
  readonly losesAll: boolean;
  /** Whether it met anything to break. */
  readonly strike: (target: FaultTarget) => Promise<boolean>;
}

const ONE_OF_US = `FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'breakwater indexes%'`;
const BUILDER = `${ONE_OF_US} AND state = 'active' AND query ~ '^(CREATE|DROP|ALTER|ANALYZE)'`;

/** Everything that was seen to go wrong around index builds. What is held is let go again. */
export const INDEX_FAULTS: readonly IndexFault[] = [
  fault("deployer killed", (target) => atAnyStep(target, target.kill), { needsProcess: true }),
  fault("deployer interrupted", (target) => atAnyStep(target, target.interrupt)),
  fault("builder terminated", (target) => met(target, `SELECT pg_terminate_backend(pid) ${BUILDER}`)),
  fault("all our sessions terminated", (target) => met(target, `SELECT pg_terminate_backend(pid) ${ONE_OF_US}`)),
  fault("builder cancelled", (target) => met(target, `SELECT pg_cancel_backend(pid) ${BUILDER}`)),
  fault("snapshot held", (target) =>
    held(target, "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM other"),
  ),
  fault("writer left open", (target) => held(target, "BEGIN", `UPDATE films SET title = title WHERE id = 59999`)),
  fault("vacuum's lock held", (target) => held(target, "BEGIN", "LOCK TABLE people IN SHARE UPDATE EXCLUSIVE MODE")),
  fault("tables altered", altered),
  fault("duplicate written", (target) =>
    said(target, "INSERT INTO people VALUES (1000001, 'PERSON7@example.com', '{1}') ON CONFLICT DO NOTHING"),
  ),
  fault("second deployer", ({ another }) => another()),
  fault("connections cut", (target) => atAnyStep(target, target.cutConnections)),
  fault("backend killed", crashed, { losesAll: true }),
  fault("no room to sort", withoutRoom),
];

type FaultNeeds = Partial<Pick<IndexFault, "needsProcess" | "losesAll">>;

function fault(name: string, strike: (target: FaultTarget) => Promise<unknown>, needs: FaultNeeds = {}): IndexFault {
  return {
    name,
    needsProcess: false,
    losesAll: false,
    ...needs,
    strike: async (target) => (await strike(target)) !== false,
  };
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

/** Half of the time a statement of the deployer's is waited for: most of a deploy of small tables is between them. */
async function atAnyStep(target: FaultTarget, strike: () => void): Promise<void> {
  if (target.random() < 0.5) await met(target, `SELECT ${BUILDER}`);
  strike();
}

/** Migrations that ask for the strongest lock, one after the other: writers queue behind each that has to wait. */
function altered({ url, random }: FaultTarget): Promise<void> {
  return withClient(url, async (client) => {
    for (let statement = 0; statement < 16; statement++) {
      const table = statement % 2 === 0 ? "films ALTER note TYPE int" : "people ALTER tags SET NOT NULL";
      await client.query(`ALTER TABLE ${table}`);
      await sleep(random() * 100);
    }
  });
}

const held = ({ url, random }: FaultTarget, ...statements: string[]) =>
  withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement);
    await sleep(100 + random() * 1_500);
    await client.query("ROLLBACK");
  });

/** SIGKILL to the backend that works for the deployer: the server restarts itself, and recovers from its WAL. */
async function crashed({ url }: FaultTarget): Promise<boolean> {
  const client = await opened(url);
  let pid = 0;
  const hasMet = await until(async () => {
    pid = (await client.query<{ pid: number }>(`SELECT pid ${BUILDER}`)).rows[0]?.pid ?? 0;
    return pid !== 0;
  }, MEETS_WITHIN_MS);
  if (hasMet) signal(pid, "SIGKILL");
  await client.end().catch(() => {});
  return hasMet;
}

const NO_ROOM = { temp_file_limit: "256kB", maintenance_work_mem: "1MB" };

/** A stand-in for a full disk: whoever sorts more than fits into memory has no file for it (53400). */
async function withoutRoom({ url, random }: FaultTarget): Promise<void> {
  await withClient(url, async (client) => {
    for (const [name, value] of Object.entries(NO_ROOM)) await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await client.query("SELECT pg_reload_conf()");
    await sleep(100 + random() * 1_500);
    for (const name of Object.keys(NO_ROOM)) await client.query(`ALTER SYSTEM RESET ${name}`);
    await client.query("SELECT pg_reload_conf()");
  });
  // The next session must find what it has from now on.
  await until(() => withClient(url, hasRoom), MEETS_WITHIN_MS);
}

async function hasRoom(client: Client): Promise<boolean> {
  return (await client.query("SHOW temp_file_limit")).rows[0].temp_file_limit === "-1";
}
