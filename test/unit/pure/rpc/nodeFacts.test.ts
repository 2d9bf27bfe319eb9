import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_NODES } from "../../../../src/rpc/constants.ts";
import { nodeFacts } from "../../../../src/rpc/nodeFacts.ts";

test("of a node's configuration an object knows the name, the region and whether it may sleep, and no secret", () => {
  const text = JSON.stringify([
    { name: "node-1", region: "aws-eu-west-2", transport: "neon", secret: "DATABASE_URL_1", maySleep: true },
    { name: "node-2" },
  ]);
  expect(nodeFacts(text)).toEqual([
    { name: "node-1", region: "aws-eu-west-2", maySleep: true },
    { name: "node-2", region: "", maySleep: false },
  ]);
});

test("no more nodes are known than messages may speak of", () => {
  const many = Array.from({ length: MAX_NODES + 5 }, (_, index) => ({ name: `node-${index}` }));
  expect(nodeFacts(JSON.stringify(many))).toHaveLength(MAX_NODES);
});

test("what is no configuration makes no node, and throws nothing", () => {
  for (const text of [undefined, null, "", "{}", "[1]", '[{"name":1}]', Symbol("text"), Object.create(null)]) {
    expect(nodeFacts(text)).toEqual([]);
  }
  fc.assert(fc.property(fc.anything(), (text) => Array.isArray(nodeFacts(text))));
});
