import type { IsolateState } from "../isolate.ts";
import { askOwner } from "./askOwner.ts";

/**
 * `GET /admin/breaker`: the CircuitBreaker's own word, and what this isolate makes of it. Where the object does not
 * answer, the isolate's view stands for it, and says so.
 */
export async function adminBreaker(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.breaker((stub) => stub.admin()));
  const { database } = state;
  const now = Date.now();
  const isolate = database.nodes.map(({ name }) => {
    const { state: effectiveState, epoch, scope, source, ageMs, ratePerS } = database.breakers.effective(name, now);
    const own = database.breakers.local(name);
    const window = own?.totals(now) ?? null;
    return {
      name,
      scope,
      state: effectiveState,
      epoch,
      ageMs,
      source,
      ratePerS,
      own: own?.phase.state ?? null,
      window,
    };
  });
  if (!word.said) {
    const nodes = isolate.map((node) => ({ ...node, leases: [], reporters: null }));
    return { nodes, transitions: [], trouble: word.trouble, isolate };
  }
  const { nodes, ...rest } = word.said;
  const aged = Array.isArray(nodes) ? nodes.map((node) => ({ ...node, ageMs: word.ageMs, source: "fresh" })) : [];
  return { nodes: aged, ...rest, isolate };
}
