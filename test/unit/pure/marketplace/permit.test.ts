import { describe, expect, test } from "vitest";
import { ProblemError } from "../../../../src/breakwater.ts";
import { type Asker, type PitchFacts, permit, verdict, type Wish } from "../../../../src/marketplace/auth/permit.ts";

/** The columns: who asks. The first owns, wrote or was asked; the second asked or is the other party. */
const ASKERS: readonly (Asker | null)[] = [
  null,
  { id: "owner", role: "creator" },
  { id: "party", role: "investor" },
  { id: "someone", role: "creator" },
  { id: "someone", role: "investor" },
  { id: "someone", role: "production" },
];

type Answer = "yes" | "hidden" | "forbidden";

const Y = "yes";
const H = "hidden";
const F = "forbidden";

const pitch = (status: PitchFacts["status"]): PitchFacts => ({ creatorId: "owner", status });
const published = pitch("published");
const draft = pitch("draft");
const archived = pitch("archived");
const request = { creatorId: "owner", requesterId: "party" };
const investment = { creatorId: "owner", investorId: "party" };

type Case = readonly [wish: Wish, ...answers: Answer[]];

/** Who: a visitor, the owner, the other party (an investor), another creator, another investor, a production company. */
const TABLE: readonly Case[] = [
  [{ to: "see-pitch", pitch: published }, Y, Y, Y, Y, Y, Y],
  [{ to: "see-pitch", pitch: draft }, H, Y, H, H, H, H],
  [{ to: "see-pitch", pitch: archived }, H, Y, H, H, H, H],
  [{ to: "change-pitch", pitch: published }, F, Y, F, F, F, F],
  [{ to: "change-pitch", pitch: draft }, H, Y, H, H, H, H],
  [{ to: "change-pitch", pitch: archived }, H, Y, H, H, H, H],
  [{ to: "see-full-pitch", pitch: published, hasNda: false }, F, Y, F, F, F, F],
  [{ to: "see-full-pitch", pitch: published, hasNda: true }, Y, Y, Y, Y, Y, Y],
  [{ to: "see-full-pitch", pitch: draft, hasNda: true }, H, Y, H, H, H, H],
  [{ to: "see-full-pitch", pitch: archived, hasNda: true }, H, Y, H, H, H, H],
  [{ to: "request-nda", pitch: published }, Y, F, Y, F, Y, Y],
  [{ to: "request-nda", pitch: draft }, H, F, H, H, H, H],
  [{ to: "request-nda", pitch: archived }, H, F, H, H, H, H],
  [{ to: "invest", pitch: published }, F, F, Y, F, Y, F],
  [{ to: "invest", pitch: draft }, H, F, H, H, H, H],
  [{ to: "invest", pitch: archived }, H, F, H, H, H, H],
  [{ to: "decide-nda", request }, H, Y, F, H, H, H],
  [{ to: "set-investment-state", investment, state: "interested" }, H, Y, F, H, H, H],
  [{ to: "set-investment-state", investment, state: "negotiating" }, H, Y, F, H, H, H],
  [{ to: "set-investment-state", investment, state: "committed" }, H, Y, F, H, H, H],
  [{ to: "set-investment-state", investment, state: "withdrawn" }, H, F, Y, H, H, H],
  [{ to: "read-thread", participants: ["owner", "party"] }, H, Y, Y, H, H, H],
  [{ to: "read-thread", participants: [] }, H, H, H, H, H, H],
  [{ to: "follow", accountId: "owner" }, Y, F, Y, Y, Y, Y],
  [{ to: "write-to", accountId: "owner" }, Y, F, Y, Y, Y, Y],
  [{ to: "end-session", accountId: "owner" }, H, Y, H, H, H, H],
  [{ to: "see-dashboard" }, F, Y, F, Y, F, F],
];

/** Every wish there is: a new one without a row does not compile. */
const WISHES: Readonly<Record<Wish["to"], true>> = {
  "see-pitch": true,
  "change-pitch": true,
  "see-full-pitch": true,
  "request-nda": true,
  invest: true,
  "decide-nda": true,
  "set-investment-state": true,
  "read-thread": true,
  follow: true,
  "write-to": true,
  "end-session": true,
  "see-dashboard": true,
};

describe("what somebody wants to do", () => {
  test("is decided for every wish there is", () => {
    expect([...new Set(TABLE.map(([wish]) => wish.to))].sort()).toEqual(Object.keys(WISHES).sort());
    expect(TABLE.every(([, ...answers]) => answers.length === ASKERS.length)).toBe(true);
  });

  test.for(TABLE)("is permitted, forbidden or hidden: %j", ([wish, ...answers]) => {
    const given = ASKERS.map((who): Answer => {
      const decided = verdict(who, wish);
      return typeof decided === "string" ? decided : "forbidden";
    });
    expect(given).toEqual(answers);
  });

  test("goes on, or ends in the problem that tells no more than it may", () => {
    const [visitor = null, owner = null] = ASKERS;
    expect(() => permit(owner, { to: "change-pitch", pitch: draft })).not.toThrow();
    const slugOf = (wish: Wish) => {
      try {
        permit(visitor, wish);
      } catch (error) {
        return error instanceof ProblemError ? [error.slug, error.details.detail] : error;
      }
      return "permitted";
    };
    expect(slugOf({ to: "change-pitch", pitch: draft })).toEqual(["not-found", undefined]);
    expect(slugOf({ to: "change-pitch", pitch: published })).toEqual(["forbidden", expect.stringMatching(/\.$/)]);
  });
});
