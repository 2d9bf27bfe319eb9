import { describe, expect, test } from "vitest";
import { ask, NOW, USER } from "./ask.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
const PITCH = "0198c0de-0000-7000-8000-000000000002";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";
const AT = new Date(NOW).toISOString();

function notificationRow(change: Record<string, unknown> = {}) {
  return {
    id: ID,
    kind: "follow",
    actor_id: OTHER,
    actor_name: "Bob",
    pitch_id: null,
    pitch_title: null,
    subject_id: null,
    created_at: AT,
    read_at: null,
    ...change,
  };
}

describe("notifications", () => {
  test("show who did what to which pitch, as far as there is one, and how many are unread", async () => {
    const rows = [
      notificationRow(),
      notificationRow({ actor_id: null, actor_name: null, pitch_id: PITCH, pitch_title: "Star", read_at: AT }),
    ];
    const script = { rows: { "notifications.list": rows, "notifications.unread": [{ unread: 1 }] } };
    const { body, database } = await ask("/api/me/notifications", { signedIn: true, script });
    const item = { id: ID, kind: "follow", subjectId: null, createdAt: AT };
    expect(body).toEqual({
      items: [
        { ...item, actor: { id: OTHER, name: "Bob" }, pitch: null, readAt: null },
        { ...item, actor: null, pitch: { id: PITCH, title: "Star" }, readAt: AT },
      ],
      unread: 1,
      nextCursor: null,
    });
    expect(database.asked.slice(1)).toMatchObject([
      { query: { name: "notifications.list", values: [USER.id, 21] }, options: { freshness: "strict" } },
      { query: { name: "notifications.unread", values: [USER.id] }, options: { freshness: "strict" } },
    ]);
  });

  test.for([
    [{ ids: [ID.toUpperCase()] }, "notifications.read-by-ids", [USER.id, AT, [ID]]],
    [{ before: "2026-10-01T00:00:00Z" }, "notifications.read-before", [USER.id, AT, "2026-10-01T00:00:00.000Z"]],
  ] as const)("are read by %j, one's own alone", async ([sent, name, values]) => {
    const { status, body, database } = await ask("/api/me/notifications/read", {
      method: "POST",
      body: sent,
      signedIn: true,
      script: { result: { unread: 3 } },
    });
    expect([status, body]).toEqual([200, { unread: 3 }]);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name, values, text: expect.stringContaining("user_id = $1") }],
      options: { tags: [`user:${USER.id}`, `account:${USER.id}`] },
    });
  });
});
