import { describe, expect, test } from "vitest";
import { verdict } from "../../../../src/marketplace/auth/permit.ts";
import { INVESTMENT_STATES } from "../../../../src/marketplace/lists.ts";
import { ask, NOW, USER } from "./ask.ts";

const PITCH = "0198c0de-0000-7000-8000-000000000001";
const ID = "0198c0de-0000-7000-8000-000000000002";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";
const AT = new Date(NOW).toISOString();

function investmentRow(change: Record<string, unknown> = {}) {
  return {
    id: ID,
    pitch_id: PITCH,
    pitch_title: "Star",
    investor_id: OTHER,
    investor_name: "Bob",
    creator_id: USER.id,
    creator_name: "Ada",
    amount: 500,
    state: "interested",
    created_at: AT,
    updated_at: AT,
    ...change,
  };
}

function asRole(role: string, rows: object = {}) {
  return { rows: { "accounts.session": [{ ...USER, role, expires_at: "2026-12-01T00:00:00.000Z" }], ...rows } };
}

describe("an investment", () => {
  const invest = (result: unknown, facts: object = {}) => {
    const seen = { "pitches.facts": [{ creator_id: OTHER, status: "published", ...facts }] };
    const script = { ...asRole("investor", seen), result };
    return ask(`/api/pitches/${PITCH}/investments`, { method: "POST", body: { amount: 500 }, signedIn: true, script });
  };

  test.for([
    ["is new with 201", investmentRow({ is_new: true }), 201],
    ["changes the one that stands with 200", investmentRow({ is_new: false }), 200],
    ["in a pitch that was archived a moment ago is 404", null, 404],
  ] as const)("%s", async ([, result, expected]) => {
    const { status, database } = await invest(result);
    expect(status).toBe(expected);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "investments.set", values: expect.arrayContaining([USER.id, 500, PITCH, AT]) }],
      options: { tags: [`pitch:${PITCH}`, `user:${OTHER}`, `user:${USER.id}`, `account:${USER.id}`] },
    });
  });

  test("in one's own pitch is forbidden to an investor too", async () => {
    const { status, database } = await invest(null, { creator_id: USER.id });
    expect(status).toBe(403);
    expect(database.asked.some(({ kind }) => kind === "write")).toBe(false);
  });

  test.for([
    ["creator", "i.creator_id = $1"],
    ["investor", "i.investor_id = $1"],
    ["production", "i.investor_id = $1"],
  ] as const)("is listed for a %s by %s, its amount a number", async ([role, condition]) => {
    const script = asRole(role, { "investments.list": [investmentRow({ amount: "1000000000" })] });
    const { body, database } = await ask("/api/me/investments", { signedIn: true, script });
    expect(body).toMatchObject({ items: [{ id: ID, amount: 1_000_000_000 }], nextCursor: null });
    expect(database.asked.at(-1)).toMatchObject({
      query: { values: [USER.id, 21], text: expect.stringContaining(condition) },
    });
  });
});

describe("an investment's state", () => {
  const move = (state: string, before: Record<string, unknown> | undefined, result: unknown = null) => {
    const rows = { "investments.by-id": before ? [investmentRow(before)] : [] };
    return ask(`/api/investments/${ID}/state`, {
      method: "POST",
      body: { state },
      signedIn: true,
      script: { rows, result },
    });
  };

  test("is set by the party that may, and tells the other", async () => {
    const { status, body, database } = await move("committed", {}, investmentRow({ state: "committed" }));
    expect([status, body.state]).toEqual([200, "committed"]);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "investments.set-state", text: expect.stringContaining("investor_id AS told_id") }],
      options: { tags: expect.arrayContaining([`user:${OTHER}`]) },
    });
    const mine = { creator_id: OTHER, investor_id: USER.id };
    const withdrawn = await move("withdrawn", mine, investmentRow({ ...mine, state: "withdrawn" }));
    expect(withdrawn.database.asked.at(-1)).toMatchObject({
      statements: [{ text: expect.stringContaining("creator_id AS told_id") }],
    });
  });

  test("stays withdrawn, and what is nobody's is 404", async () => {
    const late = await move("committed", {}, investmentRow({ state: "withdrawn" }));
    expect([late.status, late.body.type]).toEqual([409, "/problems/investment-withdrawn"]);
    expect((await move("committed", undefined)).status).toBe(404);
  });

  test.for(INVESTMENT_STATES)("%s is the creator's to set, or the investor's, and never both's", (state) => {
    const investment = { creatorId: USER.id, investorId: OTHER };
    const may = (id: string) => verdict({ id, role: "creator" }, { to: "set-investment-state", investment, state });
    const isWithdrawal = state === "withdrawn";
    expect(may(USER.id) === "yes").toBe(!isWithdrawal);
    expect(may(OTHER) === "yes").toBe(isWithdrawal);
    expect(may(PITCH)).toBe("hidden");
    expect(verdict(null, { to: "set-investment-state", investment, state })).toBe("hidden");
  });
});
