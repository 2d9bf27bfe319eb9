import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uuidv7 } from "../../../../src/database/uuid.ts";
import { topicOf as topicInMarketplace } from "../../../../src/marketplace/queries/conversations.ts";
import { makeAgreements } from "../../../../tools/seed/agreements.ts";
import { batches } from "../../../../tools/seed/batches.ts";
import { copyLine } from "../../../../tools/seed/copyLine.ts";
import { makeCrowd } from "../../../../tools/seed/crowd.ts";
import { threadNews } from "../../../../tools/seed/news.ts";
import type { Person } from "../../../../tools/seed/people.ts";
import { chartedDays, makePitchDays } from "../../../../tools/seed/pitchDays.ts";
import type { Pitch } from "../../../../tools/seed/pitches.ts";
import { countFor } from "../../../../tools/seed/popularity.ts";
import { Random } from "../../../../tools/seed/random.ts";
import { stream } from "../../../../tools/seed/stream.ts";
import { makeThread } from "../../../../tools/seed/threads.ts";
import { timedId } from "../../../../tools/seed/timedId.ts";
import { topicOf } from "../../../../tools/seed/topic.ts";

const BASE_MS = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

const people = Array.from({ length: 40 }, (_, index): Person => {
  const createdAt = BASE_MS - (800 + index) * DAY_MS;
  return { id: `person-${index}`, email: `${index}@example.com`, name: `Person ${index}`, role: "investor", createdAt };
});

function pitchOf(change: Partial<Pitch> = {}): Pitch {
  return {
    id: "pitch",
    userId: "creator",
    title: "It",
    logline: "It.",
    genre: "drama",
    format: "feature",
    stage: "script",
    status: "published",
    createdAt: BASE_MS - 500 * DAY_MS,
    likes: 0,
    views: 40_000,
    ...change,
  };
}

describe("timedId", () => {
  it("gives the id that a Worker would make of the same time and bytes", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 2 ** 47 }), (seed, ms) => {
        const random = new Random(seed);
        const slow = uuidv7(ms, (bytes) => {
          for (let index = 0; index < bytes.length; index++) bytes[index] = random.below(256);
        });
        expect(timedId(ms, new Random(seed))).toBe(slow);
      }),
    );
  });
});

describe("copyLine", () => {
  it.each([
    [["a", 1, undefined], "a\t1\t\\N\n"],
    [["", "b"], "\tb\n"],
    [["tab\there", "line\nend", "back\\slash"], "tab\\there\tline\\nend\tback\\\\slash\n"],
    [["\\xdead"], "\\\\xdead\n"],
  ])("writes %j as COPY reads it", (values, line) => {
    expect(copyLine(values)).toBe(line);
  });
});

describe("batches", () => {
  it.each([
    [0, []],
    [2, [2]],
    [3, [3]],
    [7, [3, 3, 1]],
  ])("cuts %i items into %j", (count, sizes) => {
    expect([...batches(Array(count).keys(), 3)].map(({ length }) => length)).toEqual(sizes);
  });
});

describe("stream", () => {
  it("gives the same numbers for the same purpose, and others for another one or another seed", () => {
    const first = (seed: number, purpose: string) => stream(seed, purpose).uint32();
    expect(first(1, "saves")).toBe(first(1, "saves"));
    expect(new Set([first(1, "saves"), first(1, "follows"), first(2, "saves"), first(2, "follows")]).size).toBe(4);
  });
});

describe("a crowd", () => {
  it("gives different people, never the one left out, and at most half of all", () => {
    const crowd = makeCrowd(people);
    fc.assert(
      fc.property(seeds, fc.nat(60), (seed, wanted) => {
        const some = crowd.some(wanted, new Random(seed), "person-0");
        expect(new Set(some).size).toBe(some.length);
        expect(some.length).toBeLessThanOrEqual(Math.min(wanted, 20));
        expect(some.map(({ id }) => id)).not.toContain("person-0");
      }),
    );
  });

  it.each([0, 1])("does without people where there are %i", (size) => {
    expect(makeCrowd(people.slice(0, size)).some(3, new Random(1), "person-0")).toEqual([]);
  });
});

describe("countFor", () => {
  it("gives drafts nothing, and the others on average what was asked for", () => {
    const random = new Random(1);
    expect(countFor(pitchOf({ views: 0 }), 0.9, random)).toBe(0);
    const counts = Array.from({ length: 10_000 }, () => countFor(pitchOf({ views: 350 }), 0.3, random));
    expect(counts.reduce((sum, count) => sum + count, 0) / 10_000).toBeCloseTo(0.3, 1);
  });
});

describe("agreements", () => {
  it("follow each other, so that nobody asks while a request is open or an agreement in force", () => {
    const crowd = makeCrowd(people);
    fc.assert(
      fc.property(seeds, (seed) => {
        const { requests, ndas } = makeAgreements(pitchOf(), crowd, new Random(seed), BASE_MS);
        expect(ndas.map(({ requestId }) => requestId)).toEqual(
          requests.filter(({ status }) => status === "approved").map(({ id }) => id),
        );
        for (const person of people) {
          const own = requests.filter(({ requester }) => requester === person);
          const signed = ndas.filter(({ signer }) => signer === person);
          expect(signed.filter(({ revokedAt }) => revokedAt === undefined).length).toBeLessThanOrEqual(1);
          for (const [index, { createdAt }] of own.entries()) {
            const before = own[index - 1];
            if (before) expect(createdAt).toBeGreaterThan(before.decidedAt ?? Number.POSITIVE_INFINITY);
            const inForce = signed.filter((nda) => nda.signedAt <= createdAt && createdAt < nda.expiresAt);
            expect(inForce).toEqual([]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("a thread", () => {
  const occasion = { writerId: "b", readerId: "a", pitchId: "pitch", sinceMs: BASE_MS - 5 * DAY_MS };

  it("has its messages in order and in the past, and unread only after the reader's last own", () => {
    let unreadThreads = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const thread = makeThread(occasion, new Random(seed), BASE_MS);
        if (!thread) return;
        const { messages, createdAt, lastMessageAt } = thread;
        const times = messages.map((message) => message.createdAt);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect([times.at(0), times.at(-1)]).toEqual([createdAt, lastMessageAt]);
        expect(lastMessageAt).toBeLessThan(BASE_MS);
        const unread = messages.filter(({ isUnread }) => isUnread);
        expect(messages.slice(messages.length - unread.length)).toEqual(unread);
        expect(new Set(unread.map(({ senderId }) => senderId)).size).toBeLessThanOrEqual(1);
        if (unread.length > 0) unreadThreads++;
        expect(threadNews(thread).filter(({ readBy }) => readBy === "unread").length).toBe(Math.min(1, unread.length));
      }),
      { numRuns: 300 },
    );
    expect(unreadThreads).toBeGreaterThan(50);
  });

  it.each(["pitch", undefined])("has the topic under which the marketplace looks for it (about %s)", (pitchId) => {
    for (const [one, other] of [
      ["a-1", "b-2"],
      ["b-2", "a-1"],
    ] as const) {
      expect(topicOf(one, other, pitchId)).toBe(topicInMarketplace(one, other, pitchId));
    }
  });

  it("does not begin in the future", () => {
    expect(makeThread({ ...occasion, sinceMs: BASE_MS - 1 }, new Random(1), BASE_MS)).toBeUndefined();
  });
});

describe("the days of a pitch", () => {
  const charted = chartedDays(BASE_MS);

  it("are at most ninety, never more than all its views, and the last three name each viewer", () => {
    fc.assert(
      fc.property(seeds, fc.nat(2_000_000), fc.integer({ min: 1, max: 1_400 * DAY_MS }), (seed, views, age) => {
        const createdAt = BASE_MS - age;
        const days = makePitchDays(pitchOf({ views, createdAt }), charted, new Random(seed), BASE_MS);
        expect(days.reduce((sum, day) => sum + day.views, 0)).toBeLessThanOrEqual(views);
        expect(new Set(days.map(({ day }) => day)).size).toBe(days.length);
        for (const day of days) {
          expect(Date.parse(day.day)).toBeGreaterThan(Math.max(createdAt, BASE_MS - 90 * DAY_MS) - DAY_MS);
          expect(Date.parse(day.day)).toBeLessThan(BASE_MS);
          expect(day.viewers.length).toBe(day.day >= "2026-10-29" ? day.views : 0);
        }
      }),
    );
  });

  it.each(["draft", "archived"])("are none for a pitch that is %s", (status) => {
    expect(makePitchDays(pitchOf({ status }), charted, new Random(1), BASE_MS)).toEqual([]);
  });
});
