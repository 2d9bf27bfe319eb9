import { expect, it } from "vitest";
import { lockWaits } from "../../../../../tools/chaos/lockWaits.ts";

const at = (pid: number) => `2026-11-25 23:51:44.123 UTC [${pid}]`;

it("finds each wait in a server's log with who held the lock, though other processes write between", () => {
  const log = [
    `${at(7)} LOG:  process 7 still waiting for RowExclusiveLock on relation 16401 of database 16384 after 50.123 ms`,
    `${at(7)} DETAIL:  Process holding the lock: 12. Wait queue: 9, 7.`,
    `${at(7)} STATEMENT:  UPDATE films SET year = year WHERE id = $1`,
    `${at(8)} LOG:  process 8 still waiting for ShareLock on transaction 1234 after 50.001 ms`,
    `${at(8)} DETAIL:  Processes holding the lock: 12, 13. Wait queue: 8.`,
    `${at(7)} LOG:  process 7 acquired RowExclusiveLock on relation 16401 of database 16384 after 61.0 ms`,
    `${at(9)} ERROR:  canceling statement due to user request`,
  ].join("\n");
  expect(lockWaits(log)).toEqual([
    { pid: 7, holders: [12] },
    { pid: 8, holders: [12, 13] },
  ]);
});
