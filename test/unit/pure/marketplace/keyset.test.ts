import { expect, test } from "vitest";
import { threadsOf, topicOf } from "../../../../src/marketplace/queries/conversations.ts";
import { feedOf } from "../../../../src/marketplace/queries/feed.ts";
import { followedBy } from "../../../../src/marketplace/queries/follows.ts";
import type { Page } from "../../../../src/marketplace/queries/listPitches.ts";
import { messagesOf } from "../../../../src/marketplace/queries/messages.ts";
import { publishedBy } from "../../../../src/marketplace/queries/profiles.ts";
import { savedPitches } from "../../../../src/marketplace/queries/saved.ts";

const ONE = "0198c0de-0000-7000-8000-000000000001";
const TWO = "0198c0de-0000-7000-8000-000000000002";

test.for([
  ["saved", savedPitches],
  ["feed", feedOf],
  ["following", followedBy],
  ["pitches of an account", publishedBy],
  ["threads", threadsOf],
  ["messages", (id: string, page: Page) => messagesOf(id, TWO, page)],
] as const)("the list %s binds each value once, and asks for a row more than the page", ([, listOf]) => {
  for (const after of [undefined, { key: "2026-01-02T03:04:05.678Z", id: TWO }]) {
    const { text, values } = listOf(ONE, { after, limit: 20 });
    const bound = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
    expect(new Set(bound)).toEqual(new Set(values.map((_, index) => index + 1)));
    expect(values.slice(-1 - (after ? 2 : 0))).toEqual(after ? [after.key, after.id, 21] : [21]);
    expect(text).not.toMatch(/0198c0de|2026/);
    expect(text.includes(") < ($")).toBe(after !== undefined);
  }
});

test("a topic is the same whoever writes first, and another one for each pitch", () => {
  expect(topicOf(TWO, ONE, undefined)).toBe(`${ONE}:${TWO}`);
  expect(topicOf(ONE, TWO, undefined)).toBe(`${ONE}:${TWO}`);
  expect(topicOf(TWO, ONE, ONE)).toBe(`${ONE}:${TWO}:${ONE}`);
});
