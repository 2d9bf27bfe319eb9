import { expect, test } from "vitest";
import { BackgroundWork } from "../../../src/backgroundWork.ts";

function bed() {
  const kept: Promise<unknown>[] = [];
  return { kept, background: new BackgroundWork({ waitUntil: (work) => void kept.push(work) }) };
}

test("without any work it has ended", async () => {
  const { background, kept } = bed();
  await background.ended();
  expect(kept).toEqual([]);
});

test("it ends after all work has, also what other work adds and what fails, and the platform keeps it alive", async () => {
  const { background, kept } = bed();
  const done: string[] = [];
  const later = async (name: string) => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(name);
  };
  background.add(later("first").then(() => background.add(later("second"))));
  background.add(Promise.reject(new Error("failed")));
  await background.ended();
  expect(done).toEqual(["first", "second"]);
  expect(kept).toHaveLength(3);
});
