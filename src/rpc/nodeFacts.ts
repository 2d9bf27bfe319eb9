import * as z from "zod/mini";
import { MAX_NODES } from "./constants.ts";

const factsSchema = z.array(
  z.object({
    name: z.string(),
    region: z._default(z.string(), ""),
    maySleep: z._default(z.boolean(), false),
  }),
);

/** A node without its secrets: what objects know of it. */
export type NodeFacts = Readonly<z.infer<typeof factsSchema>[number]>;

/** From the text of `BREAKWATER_NODES`. Objects judge nothing: what is wrong with it, the Worker says. */
export function nodeFacts(text: unknown): readonly NodeFacts[] {
  try {
    const parsed = factsSchema.safeParse(JSON.parse(String(text)));
    return parsed.success ? parsed.data.slice(0, MAX_NODES) : [];
  } catch {
    return [];
  }
}
