import { hintOfRegion, type LocationHint } from "../src/rpc/locationHint.ts";
import { type NodeFacts, nodeFacts } from "../src/rpc/nodeFacts.ts";

/** The configured nodes as an object needs them; none where the configuration cannot be read. */
export function objectNodes(env: object): readonly NodeFacts[] {
  return nodeFacts((env as { BREAKWATER_NODES?: unknown }).BREAKWATER_NODES);
}

/** Owners live beside the primary: the first node configured. */
export function ownersHint(env: object): LocationHint {
  return hintOfRegion(objectNodes(env)[0]?.region ?? "");
}
