import { MAX_BULK_CHARS } from "../../src/exchange/constants.ts";
import { Instruments } from "../../src/telemetry/instruments.ts";

/** What rides in the bulk lane: ten seconds of an isolate with 20 routes, 20 queries and three nodes. */
export function bulkPiece(): unknown {
  const instruments = new Instruments();
  for (let index = 0; index < 20; index++) {
    instruments.request(`/api/resource-${index}/:id`, 200, 0.01 * (index + 1));
    instruments.query(`pitches.query-${index}`, 0.004 * (index + 1));
  }
  for (const node of ["node-1", "node-2", "node-3"]) {
    instruments.attempt(node, "read", "ok", 0.005);
    instruments.read(node, "any");
  }
  instruments.exchange("answered", 0.03);
  return instruments.ledger.take(MAX_BULK_CHARS);
}
