import { ProblemError, type Route, uuidv7 } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { deleteDocument, documentById, insertDocument, lockPitch } from "../queries/documents.ts";
import { route } from "../route.ts";
import { documentIdSchema, documentSchema, newDocumentSchema } from "../schemas/documentSchemas.ts";
import { pitchIdSchema } from "../schemas/pitchSchemas.ts";
import { committed } from "./committed.ts";
import { documentItem } from "./documentItem.ts";
import { factsOf } from "./factsOf.ts";
import { ownTags } from "./ownTags.ts";

/** A pitch's documents, put there and taken away by its creator; read with the full pitch. */
export const documentRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/pitches/:id/documents",
    summary: "Adds a document to your own pitch; its bytes are stored elsewhere",
    access: "signed-in",
    idempotent: true,
    params: pitchIdSchema,
    body: newDocumentSchema,
    answers: { 201: documentSchema },
    problems: ["not-found", "forbidden", "too-many-documents", "document-stored"],
    handle: async ({ account, body, database, idempotency, now, params: { id: pitchId } }) => {
      permit(account, { to: "change-pitch", pitch: await factsOf(database, pitchId) });
      const createdMs = now();
      const id = uuidv7(createdMs);
      const insert = insertDocument({ ...body, id, pitchId, userId: account.id, createdMs });
      const done = await database.write([lockPitch(pitchId, account.id), insert], {
        tags: tagsOf(pitchId, account.id),
        result: documentById(id, pitchId),
        ...(idempotency && { idempotency }),
      });
      if (done.kind === "violated" && done.constraint === "pitch_documents_storage_key_key") {
        throw new ProblemError("document-stored");
      }
      const { result } = committed(done);
      if (result) return { status: 201, body: documentItem(result) };
      // The statement made nothing: there is no room, unless the pitch went away a moment ago.
      await factsOf(database, pitchId);
      throw new ProblemError("too-many-documents");
    },
  }),
  route({
    method: "DELETE",
    path: "/api/pitches/:id/documents/:documentId",
    summary: "Takes a document away from your own pitch; its bytes stay where they are",
    access: "signed-in",
    params: documentIdSchema,
    answers: { 204: null },
    problems: ["not-found", "forbidden"],
    handle: async ({ account, database, params: { id: pitchId, documentId } }) => {
      permit(account, { to: "change-pitch", pitch: await factsOf(database, pitchId) });
      const statement = deleteDocument(documentId, pitchId, account.id);
      const { changed } = committed(await database.write([statement], { tags: tagsOf(pitchId, account.id) }));
      if (changed[0] === 0) throw new ProblemError("not-found");
      return { status: 204 };
    },
  }),
];

function tagsOf(pitchId: string, userId: string): readonly string[] {
  return [`pitch:${pitchId}`, ...ownTags(userId)];
}
