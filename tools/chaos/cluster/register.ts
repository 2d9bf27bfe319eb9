import { DATABASE } from "../../cluster/cluster.ts";
import { withClient } from "../../cluster/postgresServer.ts";
import { LOOK_WITHIN_MS } from "./constants.ts";
import type { Logged } from "./history.ts";

/**
 * A register is a pitch whose title says its key and its value. Two triggers make it one: it is published from the
 * start, so that it can be read without an account, and each committed write leaves a row in a log that is replicated
 * and lost as the data is.
 */
const INSTALL = `
CREATE SCHEMA chaos;
CREATE TABLE chaos.log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  value int NOT NULL
);
CREATE FUNCTION chaos.publish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.status := 'published';
  RETURN NEW;
END $$;
CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.log (key, value) VALUES (split_part(NEW.title, ' ', 2), split_part(NEW.title, ' ', 3)::int);
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_publish BEFORE INSERT ON pitches
  FOR EACH ROW WHEN (NEW.title LIKE 'chaos %') EXECUTE FUNCTION chaos.publish();
CREATE TRIGGER chaos_note AFTER INSERT OR UPDATE OF title ON pitches
  FOR EACH ROW WHEN (NEW.title LIKE 'chaos %') EXECUTE FUNCTION chaos.note();
`;

export function installRegisters(port: number): Promise<unknown> {
  return withClient(port, DATABASE, (client) => client.query(INSTALL));
}

export function titleOf({ key, value }: Logged): string {
  return `chaos ${key} ${value}`;
}

/** The value that a pitch's title shows; undefined: it is no register. */
export function valueIn(title: unknown): number | undefined {
  const [, value] = /^chaos \S+ (\d+)$/.exec(String(title)) ?? [];
  return value === undefined ? undefined : Number(value);
}

/** All committed writes on a server's line, and the epoch that it is in. */
export function readLog(port: number): Promise<{ epoch: number; log: Logged[] }> {
  return withClient(port, DATABASE, async (client) => {
    await client.query(`SET statement_timeout = ${4 * LOOK_WITHIN_MS}`);
    const { rows: log } = await client.query<Logged>("SELECT key, value FROM chaos.log ORDER BY id");
    const { rows } = await client.query<{ epoch: number }>("SELECT max(epoch)::int AS epoch FROM breakwater.epochs");
    return { epoch: rows[0]?.epoch ?? 0, log };
  });
}
