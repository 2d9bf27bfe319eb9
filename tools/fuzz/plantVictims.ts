import { createHash } from "node:crypto";
import type { Client } from "pg";
import { uuidv7 } from "../../src/database/uuid.ts";
import { insertAccount, type KnownAccount } from "./accounts.ts";
import type { Marker } from "./leakCheck.ts";
import type { Things } from "./memory.ts";

/** Two people with everything that is private, and what they have in public. */
export interface Victims {
  readonly creator: KnownAccount;
  readonly investor: KnownAccount;
  readonly draftId: string;
  /** Published: others had an NDA for it, and have none now. */
  readonly publishedId: string;
  readonly markers: readonly Marker[];
  /** Their ids by kind. Whoever fuzzes knows them, as an attacker may: an id is no secret. */
  readonly things: Things;
}

const AMOUNT = 913_572_468;

/** Puts the victims into the database. `word` begins every planted text, and must be in nothing else. */
export async function plantVictims(client: Client, word: string, passwordHash: string): Promise<Victims> {
  const creator = await insertAccount(client, { role: "creator", email: `${word}-creator@example.com`, passwordHash });
  const investor = await insertAccount(client, {
    role: "investor",
    email: `${word}-investor@example.com`,
    passwordHash,
  });
  const markers: Marker[] = [];
  const things: Record<string, string[]> = { user: [creator.id, investor.id] };
  const both = [creator.id, investor.id];
  const marker = (name: string, what: string, mayBeSeenBy: readonly string[]): string => {
    const text = `${word}-${name}`;
    markers.push({ text, what, mayBeSeenBy });
    return text;
  };
  const made = (kind: string): string => {
    const id = uuidv7(Date.now());
    things[kind] = [...(things[kind] ?? []), id];
    return id;
  };
  const insert = async (table: string, row: Readonly<Record<string, unknown>>) => {
    const columns = Object.keys(row);
    const places = columns.map((_, index) => `$${index + 1}`).join(", ");
    await client.query(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`, Object.values(row));
  };

  const pitch = async (status: string, title: string, logline: string): Promise<string> => {
    const id = made("pitch");
    const list = { genre: "drama", format: "feature", production_stage: "script" };
    await insert("pitches", { id, user_id: creator.id, title, logline, status, ...list });
    return id;
  };
  const own = [creator.id];
  const draftId = await pitch(
    "draft",
    marker("draft-title", "a draft's title", own),
    marker("draft-line", "a draft's log line", own),
  );
  await pitch(
    "archived",
    marker("archived-title", "an archived pitch's title", own),
    marker("archived-line", "its log line", own),
  );
  const publishedId = await pitch("published", "An open secret", "Everybody may see this much.");
  const secondId = await pitch("published", "Another open secret", "Everybody may see this much.");

  for (const [pitchId, readers] of [
    [draftId, own],
    [publishedId, both],
  ] as const) {
    const id = made("document");
    const title = marker(`document-${id.slice(-4)}`, "a document's title", readers);
    const key = marker(`storage-${id.slice(-4)}`, "where a document is stored", []);
    await insert("pitch_documents", { id, pitch_id: pitchId, kind: "script", title, storage_key: key, bytes: 1_000 });
  }

  const asked = { creator_id: creator.id, requester_id: investor.id };
  const requestId = made("nda-request");
  const message = marker("nda-approved", "the message of a request for an NDA", both);
  const approved = {
    id: requestId,
    pitch_id: publishedId,
    ...asked,
    status: "approved",
    message,
    decided_at: new Date(),
  };
  await insert("nda_requests", approved);
  const expires_at = new Date(Date.now() + 86_400_000);
  await insert("ndas", {
    id: made("nda"),
    pitch_id: publishedId,
    user_id: investor.id,
    request_id: requestId,
    expires_at,
  });
  const pending = marker("nda-pending", "the message of a pending request for an NDA", both);
  await insert("nda_requests", { id: made("nda-request"), pitch_id: secondId, ...asked, message: pending });

  const conversation = made("conversation");
  await insert("conversations", { id: conversation, topic: [...both].sort().join(" "), pitch_id: publishedId });
  for (const user_id of both) await insert("conversation_participants", { conversation_id: conversation, user_id });
  for (const [index, sender_id] of both.entries()) {
    const body = marker(`message-${index}`, "a message", both);
    await insert("messages", { id: made("message"), conversation_id: conversation, sender_id, body });
  }

  const investment = { creator_id: creator.id, investor_id: investor.id, pitch_id: publishedId, amount: AMOUNT };
  await insert("investments", { id: made("investment"), ...investment });
  markers.push({ text: String(AMOUNT), what: "an investment's amount", mayBeSeenBy: both });
  const told = { kind: "investment", actor_id: investor.id, pitch_id: publishedId };
  await insert("notifications", { id: made("notification"), user_id: creator.id, ...told });

  const resetHash = createHash("sha256").update(`${word}-reset-token`).digest();
  await insert("password_resets", { id: made("reset"), token_hash: resetHash, user_id: creator.id, expires_at });
  const detail = { note: marker("audit", "the audit log", []) };
  const audited = { actor_id: creator.id, action: "fuzz", subject_kind: "user", subject_id: creator.id, detail };
  await insert("audit_log", { id: made("audit"), ...audited });

  markers.push(
    { text: resetHash.toString("hex"), what: "the hash of a token for a new password", mayBeSeenBy: [] },
    { text: passwordHash, what: "a password's hash", mayBeSeenBy: [] },
    ...[creator, investor].flatMap((account) => accountMarkers(account, "a victim")),
  );
  return { creator, investor, draftId, publishedId, markers, things };
}

/** What nobody but the account may be shown of it. */
export function accountMarkers({ id, email, token, tokenHash }: KnownAccount, whose: string): readonly Marker[] {
  return [
    { text: email, what: `${whose}'s e-mail address`, mayBeSeenBy: [id] },
    { text: token, what: `${whose}'s session token`, mayBeSeenBy: [] },
    { text: tokenHash, what: `the hash of ${whose}'s session token`, mayBeSeenBy: [] },
  ];
}
