import type { Position } from "../../../src/marketplace/listing/cursor.ts";
import { type OwnedList, takeOwned } from "./agreements.ts";
import { type Asker, deepPosition, firstRow, heavyAndLight, type Spread } from "./ask.ts";

interface ThreadSample {
  readonly id: string;
  readonly topic: string;
  readonly userId: string;
  readonly otherId: string;
  readonly messageId: string;
}

/** Threads and their messages. */
export interface ThreadSamples {
  readonly participant: OwnedList;
  /** With most and fewest messages. */
  readonly threads: Spread<ThreadSample>;
  /** Far behind the first page of the longest thread. */
  readonly deepOfThread: Position;
}

/** Takes them. */
export async function takeThreads(client: Asker): Promise<ThreadSamples> {
  const threads = await heavyAndLight(client, "conversation_id", "messages");
  return {
    participant: await takeOwned(client, "conversation_participants", "user_id", {
      key: "last_message_at",
      id: "conversation_id",
    }),
    threads: { common: await threadOf(client, threads.common), rare: await threadOf(client, threads.rare) },
    deepOfThread: await deepPosition(
      client,
      { key: "created_at", id: "id" },
      "FROM messages WHERE conversation_id = $1",
      [threads.common],
    ),
  };
}

function threadOf(client: Asker, id: string): Promise<ThreadSample> {
  return firstRow(
    client,
    "thread",
    `SELECT c.id, c.topic, m.sender_id AS "userId", o.user_id AS "otherId", m.id AS "messageId"
FROM conversations c
JOIN messages m ON m.conversation_id = c.id
JOIN conversation_participants o ON o.conversation_id = c.id AND o.user_id <> m.sender_id
WHERE c.id = $1 ORDER BY m.created_at DESC, m.id DESC LIMIT 1`,
    [id],
  );
}
