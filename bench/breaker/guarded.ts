import type { Refused } from "../../src/breaker/admission/admission.ts";
import type { Permit } from "../../src/breaker/admission/inFlightLimit.ts";
import { NodeBreakers } from "../../src/database/nodeBreakers.ts";
import { NodeGates } from "../../src/database/nodeGates.ts";
import { Ledger } from "../../src/exchange/ledger.ts";
import { View } from "../../src/exchange/view.ts";

const NODES = ["node-1", "node-2", "node-3"] as const;
const [NODE] = NODES;

/** One isolate's guard of three nodes, as `RequestScope` uses it, beside a world whose word is fresh. */
export interface Guarded {
  /** The world says so now. Said again before each round, it never grows old. */
  readonly hear: () => void;
  /** One attempt's whole way, but for the attempt: admitted, its permit taken and given back, its outcome counted. */
  readonly decide: () => boolean;
  /** The same around something awaited. */
  readonly around: <T>(attempt: () => Promise<T>) => Promise<T | undefined>;
}

/** `state`: what the world says of the node that is asked. */
export function guarded(state: "closed" | "open"): Guarded {
  const view = new View();
  const breakers = new NodeBreakers(NODES, view, new Ledger());
  const gates = new NodeGates(NODES, breakers, view);
  const nodes = NODES.map((node) => ({ node, state, epoch: 3, sinceMs: 0, forMs: state === "open" ? 3_600_000 : 0 }));
  const part = { incarnation: 1, epoch: 3, ageMs: 0, reporters: 500, nodes, health: [] };
  let version = 0;

  const asker = { breakerMode: "on", now: Date.now, random: Math.random } as const;

  function begin(): Permit | Refused {
    return gates.enter(asker, NODE, "first");
  }

  function end(permit: Permit, now: number): void {
    gates.leave(permit, undefined, now);
    breakers.record({ node: NODE, kind: "read", failure: undefined, sentAt: permit.at }, now, 0.5);
  }

  return {
    hear: () => {
      view.adopt({ breaker: { ...part, version: ++version } }, 0, Date.now());
      view.softMs = 60_000;
    },
    decide: () => {
      const permit = begin();
      if (permit.kind === "refused") return false;
      end(permit, permit.at);
      return true;
    },
    around: async (attempt) => {
      const permit = begin();
      if (permit.kind === "refused") return undefined;
      const answer = await attempt();
      end(permit, Date.now());
      return answer;
    },
  };
}
