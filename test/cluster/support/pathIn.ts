import { pathOf, type Row } from "./authorisationTable.ts";
import type { World } from "./world.ts";

/** Whose id stands for `:id`, by the start of the path. */
const IDS: readonly (readonly [start: string, id: keyof World])[] = [
  ["/api/pitches/", "pitch"],
  ["/api/users/", "creator"],
  ["/api/conversations/", "conversation"],
  ["/api/nda-requests/", "ndaRequest"],
  ["/api/investments/", "investment"],
  ["/api/me/sessions/", "session"],
  ["/api/outcomes/", "mark"],
];

/** What a row of the table asks for in this world. */
export function pathIn({ route, path }: Row, world: World): string {
  return path?.(world) ?? defaultPath(route, world);
}

function defaultPath(route: string, world: World): string {
  const path = pathOf(route);
  const id = IDS.find(([start]) => path.startsWith(start))?.[1];
  return path.replace(":id", String(id && world[id])).replace(":documentId", world.document);
}
