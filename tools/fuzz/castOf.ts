import type { Client } from "pg";
import { uuidv7 } from "../../src/database/uuid.ts";
import { insertAccount, insertReset, type KnownAccount, type Role, renewSession } from "./accounts.ts";
import type { LaneAccounts } from "./lane.ts";
import type { Marker } from "./leakCheck.ts";
import type { Asker } from "./plan.ts";
import { accountMarkers, type Victims } from "./plantVictims.ts";

const ROLES: Readonly<Partial<Record<Asker, Role>>> = {
  "creator-1": "creator",
  "creator-2": "creator",
  investor: "investor",
  production: "production",
};

const ACCOUNTS = Object.keys(ROLES).length;

/**
 * The accounts of one lane. Its investor had an NDA with the victim that was revoked, its production company one that
 * ended: neither may read any more what they could. `onMarkers` is told what nobody but they may be shown.
 */
export async function castOf(
  client: Client,
  {
    lane,
    word,
    passwordHash,
    victims,
    onMarkers,
    inTurn,
  }: {
    lane: number;
    word: string;
    passwordHash: string;
    victims: Victims;
    onMarkers: (markers: readonly Marker[]) => void;
    /** All lanes share the client, which does one thing after the other. */
    inTurn: (work: () => Promise<void>) => Promise<void>;
  },
): Promise<LaneAccounts> {
  const accounts = new Map<Asker, KnownAccount>();
  const resets = new Map<Asker, string>();
  let made = 0;
  const replace = async (asker: Asker, role: Role) => {
    const email = `${word}-${lane}-${asker}-${made++}@example.com`;
    const account = await insertAccount(client, { role, email, passwordHash });
    accounts.set(asker, account);
    resets.set(asker, await insertReset(client, account));
    // Of those who come later the address alone: tokens would be more and more to look for.
    onMarkers(accountMarkers(account, "another account").slice(0, made > ACCOUNTS ? 1 : undefined));
  };
  for (const [asker, role] of Object.entries(ROLES) as [Asker, Role][]) await replace(asker, role);
  await endedNda(client, victims.publishedId, accounts.get("investor"), "revoked");
  await endedNda(client, victims.publishedId, accounts.get("production"), "expired");
  return {
    of: (asker) => accounts.get(asker),
    resetTokenOf: (asker) => resets.get(asker),
    strangersToken: "s".repeat(43),
    renew: (asker) =>
      inTurn(async () => {
        const account = accounts.get(asker);
        const role = ROLES[asker];
        if (!account || !role) return;
        const renewed = await renewSession(client, account);
        if (!renewed) await replace(asker, role);
        else accounts.set(asker, renewed);
      }),
  };
}

async function endedNda(client: Client, pitchId: string, holder: KnownAccount | undefined, how: "revoked" | "expired") {
  const day = 86_400_000;
  await client.query(
    "INSERT INTO ndas (id, pitch_id, user_id, signed_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6)",
    [
      uuidv7(Date.now()),
      pitchId,
      holder?.id,
      new Date(Date.now() - 30 * day),
      new Date(Date.now() + (how === "expired" ? -day : day)),
      how === "revoked" ? new Date(Date.now() - day) : null,
    ],
  );
}
