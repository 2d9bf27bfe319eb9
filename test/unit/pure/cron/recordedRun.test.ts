import { expect, test } from "vitest";
import { withRun } from "../../../../src/cron/recordedRun.ts";
import type { WorkDone } from "../../../../src/cron/work.ts";
import { ObjectAccess } from "../../../../src/exchange/objectAccess.ts";
import type { IsolateState } from "../../../../src/isolate.ts";
import type { ObjectBindings } from "../../../../src/rpc/stubs.ts";
import { Instruments } from "../../../../src/telemetry/instruments.ts";

const EVENT = { cron: "* * * * *", scheduledTime: 60_000 };

/** A run under a journal that answers so; `ended`: what it was told of the end. */
function under(begin: () => unknown) {
  const ended: string[] = [];
  const stub = {
    beginRun: async () => JSON.stringify(begin()),
    endRun: async (text: string) => {
      ended.push(text);
      return "{}";
    },
  };
  const bindings = { CACHE_COORDINATOR: { getByName: () => stub } } as unknown as ObjectBindings;
  const instruments = new Instruments({ cron: [EVENT.cron] });
  const state = { objects: new ObjectAccess(bindings, "enam"), instruments } as unknown as IsolateState;
  const counted = () => instruments.ledger.take()?.counters.flatMap(({ series }) => series);
  return { ended, counted, run: (work: () => Promise<WorkDone>) => withRun(state, EVENT, 1_000, work) };
}

const RUN = { ...EVENT, attempt: 1, runner: "r", startedAt: 1, leaseMs: 1_000, end: null, detail: null };
const GRANTED = () => ({ granted: true, run: RUN, lastDetail: null, lastSuccessAt: null });
const OK: WorkDone = { outcome: "ok", note: "", detail: {} };

test("a run that is not granted does nothing", async () => {
  const { run, ended, counted } = under(() => ({ granted: false, reason: "done" }));
  await run(() => Promise.reject(new Error("must not run")));
  expect([ended, counted()]).toEqual([[], undefined]);
});

test("a run is done without a journal that answers, and nobody is told how it ended", async () => {
  let isDone = false;
  const { run, ended } = under(() => {
    throw new Error("the object is away");
  });
  await run(async () => {
    isDone = true;
    return OK;
  });
  expect([isDone, ended]).toEqual([true, []]);
});

test("what failed is recorded, counted and thrown, without the secrets in its words", async () => {
  const { run, ended, counted } = under(GRANTED);
  const failing = run(() => Promise.reject(new Error("cannot reach postgres://me:hunter2@db.example/x")));
  await expect(failing).rejects.toThrow(/db\.example/);
  await expect(failing).rejects.not.toThrow(/hunter2/);
  expect(ended).toHaveLength(1);
  expect(ended[0]).not.toContain("hunter2");
  expect(JSON.parse(ended[0] ?? "")).toMatchObject({ ...EVENT, outcome: "failed" });
  expect(counted()).toContainEqual([[EVENT.cron, "failed"], 1]);
});
