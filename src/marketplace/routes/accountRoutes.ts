import { type Route, uuidv7 } from "../../breakwater.ts";
import { sessionCookie } from "../auth/sessionCookie.ts";
import { removeAccount } from "../queries/removeAccount.ts";
import { route } from "../route.ts";
import { committed } from "./committed.ts";
import { ownTags } from "./ownTags.ts";

/** The end of one's own account. */
export const accountRoutes: readonly Route[] = [
  route({
    method: "DELETE",
    path: "/api/me",
    summary: "Removes your account and everything personal in it, for good",
    access: "signed-in",
    answers: { 204: null },
    headers: ["Set-Cookie"],
    handle: async ({ account: { id }, database, now, url }) => {
      // Whatever shows one of the account's pitches shows names: they cannot be named one by one, being many.
      const tags = ["pitches", "names", ...ownTags(id)];
      committed(await database.write(removeAccount({ id, auditId: uuidv7(now()), nowMs: now() }), { tags }));
      return { status: 204, headers: { "Set-Cookie": sessionCookie(url) } };
    },
  }),
];
