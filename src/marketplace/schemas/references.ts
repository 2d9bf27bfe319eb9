import * as z from "zod/mini";

/** An account, as far as others are shown it in passing. */
export const personSchema = z.object({ id: z.uuid(), name: z.string() });

/** A pitch that something else is about. */
export const pitchReferenceSchema = z.object({ id: z.uuid(), title: z.string() });
