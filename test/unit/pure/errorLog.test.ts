import { afterEach, expect, test, vi } from "vitest";
import { errorLog } from "../../../src/errorLog.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const hasNoWords = Object.create(null) as object;
const throwsWhenRead = {
  get message(): string {
    throw new Error("no");
  },
};

test.for<[string, unknown, string]>([
  ["an error", new Error("it broke"), "it broke"],
  ["an error that repeats a secret", new Error("no way to postgres://me:hunter2@db.example/x"), "db.example"],
  ["a text", "it broke", "it broke"],
  ["nothing", undefined, "undefined"],
  ["an object that cannot be a text", hasNoWords, "cannot be told"],
  ["an object that throws when it is read", throwsWhenRead, "cannot be told"],
])("%s becomes one line, scrubbed, and nothing is thrown", ([, thrown, words]) => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const { report } = errorLog(undefined, { waitUntil: () => {} }, { release: "1", capture: undefined });
  report(thrown, { requestId: "r" });
  expect(log).toHaveBeenCalledTimes(1);
  const line = String(log.mock.calls[0]?.[0]);
  expect(JSON.parse(line)).toMatchObject({ level: "error", requestId: "r", error: expect.stringContaining(words) });
  expect(line).not.toContain("hunter2");
});
