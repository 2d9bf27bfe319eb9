import { ObjectAccess } from "../exchange/objectAccess.ts";
import type { IsolateState } from "../isolate.ts";
import type { Called } from "../rpc/callObject.ts";

/** What an object said of itself, with the age of that word; or why it said nothing. */
export type OwnerWord =
  | { readonly said: Readonly<Record<string, unknown>>; readonly ageMs: number; readonly trouble?: undefined }
  | { readonly said?: undefined; readonly trouble: string };

/** Asks an object on behalf of an operator. Its answer is as old as the call took, at most. */
export async function askOwner(
  { objects }: IsolateState,
  ask: (access: ObjectAccess) => Promise<Called<string>>,
): Promise<OwnerWord> {
  if (!(objects instanceof ObjectAccess)) return { trouble: `not bound: ${objects.missing.join(", ")}` };
  const called = await ask(objects);
  if (called.kind === "failed") return { trouble: `${called.trouble}: ${called.message}` };
  // Objects of this Worker, of another version at most: what they say is shown, not acted upon.
  return { said: JSON.parse(called.value) as Readonly<Record<string, unknown>>, ageMs: called.tookMs };
}
