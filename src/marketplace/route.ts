import { routesFor } from "../breakwater.ts";
import type { Member } from "./auth/member.ts";

/** Makes a route of the marketplace: whoever is signed in is a `Member`. */
export const route = routesFor<Member>();
