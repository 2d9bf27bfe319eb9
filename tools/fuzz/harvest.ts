import { kindOf } from "./kindOf.ts";
import type { Memory } from "./memory.ts";
import type { Asker } from "./plan.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Items of one list that are looked at: their ids are alike. */
const MAX_ITEMS = 8;

/**
 * Remembers the ids in an answer, by the name of the field they stand in; `kind` is what the answer as a whole is about,
 * `owner` whose it is.
 */
export function harvest(memory: Memory, body: unknown, kind: string, owner?: Asker): void {
  if (Array.isArray(body)) {
    for (const item of body.slice(0, MAX_ITEMS)) harvest(memory, item, kind, owner);
    return;
  }
  if (typeof body !== "object" || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== "string") harvest(memory, value, name === "items" ? kind : kindOf(name), owner);
    else if (UUID.test(value)) memory.add(name === "id" ? kind : kindOf(name), value, owner);
  }
}
