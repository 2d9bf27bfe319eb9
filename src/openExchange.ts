import type { CopyStore } from "./cache/tiers/cacheApi.ts";
import { BulkLane, type HeatSource } from "./exchange/bulkLane.ts";
import { ColoCopyShelf, coloCopyKey } from "./exchange/coloCopy.ts";
import { Exchange } from "./exchange/exchange.ts";
import type { ObjectAccess } from "./exchange/objectAccess.ts";
import { nodesToCheck } from "./health/checks.ts";
import { spendLease } from "./health/probes.ts";
import type { IsolateState } from "./isolate.ts";
import { NOWHERE } from "./rpc/constants.ts";
import type { LocationHint } from "./rpc/locationHint.ts";

/** This isolate's exchange: its database's evidence and its metrics on the one side, the objects on the other. */
export function openExchange(
  state: Omit<IsolateState, "exchange" | "objects" | "shared"> & { readonly objects: ObjectAccess },
  cache: CopyStore | undefined,
  hint: LocationHint,
  heat?: HeatSource,
): Exchange {
  const { database, instruments, objects, config } = state;
  const shelf = new ColoCopyShelf(cache, (station) => coloCopyKey(station.host, config.environment, station.colo));
  const bulk = new BulkLane((maxBytes) => instruments.ledger.take(maxBytes), heat);
  return new Exchange(
    { id: crypto.randomUUID(), colo: NOWHERE, host: "breakwater.internal", hint },
    {
      now: Date.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      call: (collector, station, report, heldMs, piece, deadlineMs) =>
        objects.collector(collector, station.hint, (stub) => stub.exchange(report, heldMs, piece), deadlineMs),
      shelf,
      standing: (now) => database.standing(now),
      checksWanted: (now) => nodesToCheck(database, now).map(({ name }) => name),
      spend: (lease) => spendLease(state, lease),
      changed: (_changes, now) => {
        database.breakers.heardWorld(now);
        // The map says where a write goes: in `observe` the objects decide nothing, and the isolate asks the nodes itself.
        if (config.modes.replicas === "on") database.heardMap(now);
      },
      writes: database.bumps,
      ended: (outcome, tookMs) => instruments.exchange(outcome, tookMs / 1_000),
    },
    { ledger: database.ledger, view: database.view, bulk },
  );
}
