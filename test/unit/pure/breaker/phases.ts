import type { Evident, Hold, Phase } from "../../../../src/breaker/phase.ts";

/** One phase of each state, as of NOW, for tables of what comes next. */

export const NOW = 1_700_000_000_000;
export const hold: Hold = { owner: "ann", reason: "maintenance", until: NOW + 60_000 };

export const evidents: { readonly [State in Evident["state"]]: Evident & { state: State } } = {
  closed: { state: "closed", epoch: 4, since: NOW - 9_000 },
  open: { state: "open", epoch: 5, since: NOW - 1_000, until: NOW + 1_000, opened: 1 },
  "half-open": { state: "half-open", epoch: 6, since: NOW - 100, opened: 1, good: 0 },
  ramping: { state: "ramping", epoch: 7, since: NOW - 100, opened: 1 },
};

export const phases: { readonly [State in Phase["state"]]: Phase & { state: State } } = {
  ...evidents,
  "forced-open": { state: "forced-open", epoch: 8, since: NOW - 100, hold },
  "forced-closed": { state: "forced-closed", epoch: 8, since: NOW - 100, hold },
  shadow: { state: "shadow", epoch: 4, since: NOW - 100, hold, under: evidents.closed },
};

/** In the order of the states, so that a table's columns have one. */
export const states = Object.keys(phases) as readonly Phase["state"][];
