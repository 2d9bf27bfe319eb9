import * as z from "zod/mini";
import { DEFAULT_PAGE, MAX_CURSOR_LENGTH, MAX_PAGE } from "../constants.ts";

const notACursor = { error: "is not a cursor of this list" };
const notALimit = { error: `must be a whole number from 1 to ${MAX_PAGE}` };

/** The query parameters of every list. */
export const pageFields = {
  cursor: z.optional(
    z.string().check(z.maxLength(MAX_CURSOR_LENGTH, notACursor), z.regex(/^[A-Za-z0-9_-]+$/, notACursor)),
  ),
  limit: z._default(
    z.coerce.number(notALimit).check(z.int(notALimit), z.gte(1, notALimit), z.lte(MAX_PAGE, notALimit)),
    DEFAULT_PAGE,
  ),
};
