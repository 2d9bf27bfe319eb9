import type { Position } from "../../../src/marketplace/listing/cursor.ts";
import { type Asker, deepPosition, firstRow, heavyAndLight, type Spread } from "./ask.ts";

/** A list of one account's, as its heaviest and its lightest owner have it. */
export interface OwnedList {
  readonly owners: Spread<string>;
  /** Far behind the heaviest owner's first page. */
  readonly deep: Position;
}

/** NDAs and money. */
export interface AgreementSamples {
  readonly asked: OwnedList;
  readonly asking: OwnedList;
  readonly pending: { readonly id: string; readonly creatorId: string };
  readonly inForce: { readonly pitchId: string; readonly userId: string };
  readonly investor: OwnedList;
  readonly investedIn: OwnedList;
  /** An investment that stands and could move on. */
  readonly standing: {
    readonly id: string;
    readonly pitchId: string;
    readonly investorId: string;
    readonly creatorId: string;
  };
}

/** Takes them. */
export async function takeAgreements(client: Asker): Promise<AgreementSamples> {
  return {
    asked: await takeOwned(client, "nda_requests", "creator_id"),
    asking: await takeOwned(client, "nda_requests", "requester_id"),
    pending: await firstRow(
      client,
      "pending NDA request",
      `SELECT id, creator_id AS "creatorId" FROM nda_requests WHERE status = 'pending' ORDER BY id LIMIT 1`,
    ),
    inForce: await firstRow(
      client,
      "NDA in force",
      `SELECT pitch_id AS "pitchId", user_id AS "userId" FROM ndas WHERE revoked_at IS NULL
ORDER BY expires_at DESC, id LIMIT 1`,
    ),
    investor: await takeOwned(client, "investments", "investor_id"),
    investedIn: await takeOwned(client, "investments", "creator_id"),
    standing: await firstRow(
      client,
      "standing investment in a published pitch",
      `SELECT i.id, i.pitch_id AS "pitchId", i.investor_id AS "investorId", i.creator_id AS "creatorId"
FROM investments i JOIN pitches p ON p.id = i.pitch_id
WHERE i.state = 'interested' AND p.status = 'published' ORDER BY i.id LIMIT 1`,
    ),
  };
}

/** The owners of a table's rows, newest first by `created_at`. */
export async function takeOwned(
  client: Asker,
  table: string,
  owner: string,
  place: { readonly key: string; readonly id: string } = { key: "created_at", id: "id" },
): Promise<OwnedList> {
  const owners = await heavyAndLight(client, owner, table);
  return { owners, deep: await deepPosition(client, place, `FROM ${table} WHERE ${owner} = $1`, [owners.common]) };
}
