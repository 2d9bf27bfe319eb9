import { DatabaseError, type Route } from "../../breakwater.ts";
import { countView } from "../queries/views.ts";
import { route } from "../route.ts";
import { pitchIdSchema } from "../schemas/pitchSchemas.ts";
import { viewerOf } from "./viewerOf.ts";

/** Views, told by whoever showed the pitch to somebody: reading it stays a read, from whichever cache or replica. */
export const viewRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/pitches/:id/views",
    summary: "Somebody saw a pitch: counted once a viewer and day, if it is published and not the viewer's own",
    access: "optional",
    params: pitchIdSchema,
    // The same whatever came of it: an unknown id, a draft, a reload and an outage are nothing to tell a viewer.
    answers: { 202: null },
    problems: ["not-found"],
    handle: async ({ account, database, now, params: { id }, request }) => {
      const day = new Date(now()).toISOString().slice(0, 10);
      const viewer = await viewerOf(request, day, account?.id);
      try {
        // Awaited, though nobody needs it: connections are given back with the answer. No tags: nothing that is shown
        // changes before the views are counted.
        await database.write([countView({ pitchId: id, day, viewer, accountId: account?.id })], { tags: [] });
      } catch (error) {
        if (!isOnlyLost(error)) throw error;
      }
      return { status: 202 };
    },
  }),
];

/** The view is lost, or perhaps it is, and nothing else: the database's trouble is counted where all of it is. */
function isOnlyLost(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  return error.code === "unavailable" || error.code === "deadline" || error.code === "unknown-outcome";
}
