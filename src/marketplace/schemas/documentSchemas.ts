import * as z from "zod/mini";
import { MAX_DOCUMENT_BYTES } from "../constants.ts";
import { DOCUMENT_KINDS } from "../lists.ts";
import { id } from "./id.ts";
import { pitchSchema } from "./pitchSchemas.ts";
import { text } from "./text.ts";

/** Everything about a pitch's documents that comes in or goes out. Their bytes are kept elsewhere, and delivered by others. */

const kind = z.enum(DOCUMENT_KINDS, { error: `must be one of: ${DOCUMENT_KINDS.join(", ")}` });

const notBytes = { error: `must be a whole number from 1 to ${MAX_DOCUMENT_BYTES}` };

export const newDocumentSchema = z.strictObject({
  kind,
  title: text(200),
  /** Where the bytes are kept, as the creator says: whoever delivers them must see to it that they are the creator's. */
  storageKey: text(300),
  bytes: z.number(notBytes).check(z.int(notBytes), z.gte(1, notBytes), z.lte(MAX_DOCUMENT_BYTES, notBytes)),
});

export const documentIdSchema = z.object({ id, documentId: id });

/** A document as it is shown. Where its bytes are kept stays inside. */
export const documentSchema = z.object({
  id: z.uuid(),
  kind,
  title: z.string(),
  bytes: z.int(),
  createdAt: z.iso.datetime(),
});

/** A pitch with what only its creator and the holders of an NDA may see. */
export const fullPitchSchema = z.extend(pitchSchema, { documents: z.array(documentSchema) });
