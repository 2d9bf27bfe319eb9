import type { Reaction, Script } from "../../tools/simulator/simulatedDatabase.ts";
import { ERROR_MS, MEDIAN_MS, SLOW_MEDIAN_MS, SPREAD } from "./constants.ts";

/** A node's trouble: what it does to a request, by seconds since the trouble began. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly lastsS: number;
  /** Share of requests that fail at once. */
  readonly errorShare: (atS: number) => number;
  /** Share of requests that come far too late. */
  readonly slowShare: (atS: number) => number;
  /** When nearly nothing is answered: then a request that reaches the node is load and harm alone. */
  readonly isDown: (atS: number) => boolean;
  /** False: most requests are answered, and to refuse them all would be the worse trouble. */
  readonly shouldOpen: boolean;
}

const never = () => 0;
const UP_AND_DOWN_S = 4;
const isDownTurn = (atS: number) => Math.floor(atS / UP_AND_DOWN_S) % 2 === 0;

/** After semian's experiments: errors, latency, a node that comes and goes, one that fades. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "errors20",
    what: "one request of five fails",
    lastsS: 40,
    errorShare: () => 0.2,
    slowShare: never,
    isDown: () => false,
    shouldOpen: false,
  },
  {
    name: "errors100",
    what: "every request fails",
    lastsS: 30,
    errorShare: () => 1,
    slowShare: never,
    isDown: () => true,
    shouldOpen: true,
  },
  {
    name: "slow",
    what: "every answer takes some six seconds",
    lastsS: 30,
    errorShare: never,
    slowShare: () => 1,
    isDown: () => true,
    shouldOpen: true,
  },
  {
    name: "flapping",
    what: "4 s down, 4 s up, in turn",
    lastsS: 44,
    errorShare: (atS) => (isDownTurn(atS) ? 1 : 0),
    slowShare: never,
    isDown: isDownTurn,
    shouldOpen: true,
  },
  {
    name: "gradual",
    what: "from no errors to nothing but errors within 40 s",
    lastsS: 40,
    errorShare: (atS) => atS / 40,
    slowShare: never,
    isDown: (atS) => atS >= 36,
    shouldOpen: true,
  },
];

/** The node as a function of time and a request's chance: the same for every breaker before it. */
export function scriptOf(scenario: Scenario, beginsAt: number): Script {
  return (now, [failure, duration]): Reaction => {
    const atS = (now - beginsAt) / 1_000;
    const isTroubled = atS >= 0 && atS < scenario.lastsS;
    const spread = Math.exp(SPREAD * normal(duration));
    if (isTroubled && failure < scenario.errorShare(atS))
      return { answer: "infrastructure", afterMs: ERROR_MS * spread };
    const isSlow = isTroubled && failure < scenario.errorShare(atS) + scenario.slowShare(atS);
    return { answer: "ok", afterMs: (isSlow ? SLOW_MEDIAN_MS : MEDIAN_MS) * spread };
  };
}

/** The standard normal distribution's quantile, to 0.5 % (Shore 1982). */
function normal(share: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, share));
  const upper = (q: number) => 5.5556 * (1 - ((1 - q) / q) ** 0.1186);
  return p >= 0.5 ? upper(p) : -upper(1 - p);
}
