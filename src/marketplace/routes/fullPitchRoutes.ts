import { ProblemError, type Route } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { fullPitch } from "../queries/documents.ts";
import { route } from "../route.ts";
import { fullPitchSchema } from "../schemas/documentSchemas.ts";
import { pitchIdSchema } from "../schemas/pitchSchemas.ts";
import { documentItem } from "./documentItem.ts";
import { pitchItem } from "./pitchItem.ts";

/** What an NDA is for. */
export const fullPitchRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/pitches/:id/full",
    summary: "A pitch with its documents: your own, or one that you have an NDA in force for",
    access: "signed-in",
    params: pitchIdSchema,
    answers: { 200: fullPitchSchema },
    problems: ["not-found", "forbidden"],
    handle: async ({ account, database, now, params: { id } }) => {
      // Not as fresh as the session asks, but as it is: an NDA revoked a moment ago opens nothing.
      const { rows } = await database.read(fullPitch(id, account.id, now()), { freshness: "strict" });
      const [row] = rows;
      if (!row) throw new ProblemError("not-found");
      const { creator_id: creatorId, status, has_nda: hasNda } = row;
      permit(account, { to: "see-full-pitch", pitch: { creatorId, status }, hasNda });
      return { status: 200, body: { ...pitchItem(row), documents: row.documents.map(documentItem) } };
    },
  }),
];
