import * as z from "zod/mini";

/** An id that comes in. In small letters, as the database writes it: it is compared with ids from there, and tagged. */
export const id = z.uuid({ error: "must be a UUID" }).check(z.toLowerCase());
