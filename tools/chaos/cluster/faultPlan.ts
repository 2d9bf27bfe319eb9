/**
 * What is broken when, drawn from a seed beforehand: the same for every run of that seed, whatever becomes of it.
 * Nodes are named by their part (the primary of that moment, the first or second of its replicas), since promotions
 * move them about.
 */

export type Part = "primary" | "replica-1" | "replica-2";

export type Fault =
  | { readonly kind: "kill" | "stop" | "pause"; readonly part: Part }
  | { readonly kind: "slow"; readonly part: Part; readonly delayMs: number }
  | { readonly kind: "black-hole"; readonly part: Part }
  /** Answers of the primary are lost after the statements committed. */
  | { readonly kind: "drop-answers"; readonly chance: number }
  /** Replay is held back; `primary`: that of both replicas. */
  | { readonly kind: "lag"; readonly part: Part; readonly lagMs: number }
  | { readonly kind: "detach"; readonly part: Part }
  /** The primary dies, and after a while a standby is promoted. `isBehind`: both were cut off before, so writes are lost. */
  | { readonly kind: "promote"; readonly heir: Part; readonly waitMs: number; readonly isBehind: boolean }
  /** A standby is promoted beside the primary. `isOrdered`: then the primary dies, and an operator takes the rival. */
  | { readonly kind: "rival"; readonly heir: Part; readonly isOrdered: boolean }
  | { readonly kind: "objects"; readonly how: "hang" | "reset" | "throw" };

/** One fault after the other, but for those that the seed lays over each other. */
export interface PlannedFault {
  readonly forMs: number;
  /** Before it begins, at least: what an earlier one opened must have closed again as well. */
  readonly restMs: number;
  readonly fault: Fault;
  /** A second one, at the same time. */
  readonly beside?: Fault;
}

const KINDS = [
  "kill-replica",
  "promote",
  "slow",
  "drop-answers",
  "lag",
  "pause-primary",
  "promote-behind",
  "objects",
  "black-hole",
  "stop",
  "rival",
  "detach",
  "black-hole-primary",
  "restart-primary",
  "pause-replica",
  "rival-ordered",
  "lag-both",
] as const;
type Kind = (typeof KINDS)[number];

/** Each kind once in an order of the seed's, then again in another, without end. */
export function* faultPlan(random: () => number): Generator<PlannedFault, never> {
  for (;;) {
    for (const kind of shuffled(KINDS, random)) {
      const forMs = Math.round(2_000 + 3_000 * random());
      const restMs = Math.round(1_000 + 2_000 * random());
      const fault = faultOf(kind, random);
      const isLaidOver = random() < 0.15 && maySuffer(kind);
      yield { forMs, restMs, fault, ...(isLaidOver && { beside: { kind: "objects", how: "hang" } as const }) };
    }
  }
}

/** Only where nothing has to be decided by the objects meanwhile. */
function maySuffer(kind: Kind): boolean {
  return kind === "slow" || kind === "lag" || kind === "kill-replica" || kind === "black-hole";
}

function faultOf(kind: Kind, random: () => number): Fault {
  const replica = (): Part => (random() < 0.5 ? "replica-1" : "replica-2");
  switch (kind) {
    case "kill-replica":
      return { kind: "kill", part: replica() };
    case "stop":
      return { kind: "stop", part: replica() };
    case "pause-replica":
      return { kind: "pause", part: replica() };
    case "pause-primary":
      return { kind: "pause", part: "primary" };
    case "restart-primary":
      return { kind: random() < 0.5 ? "kill" : "stop", part: "primary" };
    case "slow":
      return { kind, part: random() < 0.3 ? "primary" : replica(), delayMs: Math.round(50 + 400 * random()) };
    case "black-hole":
      return { kind, part: replica() };
    case "black-hole-primary":
      return { kind: "black-hole", part: "primary" };
    case "drop-answers":
      return { kind, chance: 0.05 + 0.2 * random() };
    case "lag":
      return { kind, part: replica(), lagMs: Math.round(200 + 5_000 * random()) };
    case "lag-both":
      return { kind: "lag", part: "primary", lagMs: Math.round(200 + 3_000 * random()) };
    case "detach":
      return { kind, part: replica() };
    case "promote":
      return { kind, heir: replica(), waitMs: Math.round(3_000 * random()), isBehind: false };
    case "promote-behind":
      return { kind: "promote", heir: replica(), waitMs: Math.round(3_000 * random()), isBehind: true };
    case "rival":
      return { kind, heir: replica(), isOrdered: false };
    case "rival-ordered":
      return { kind: "rival", heir: replica(), isOrdered: true };
    case "objects":
      return { kind, how: (["hang", "reset", "throw"] as const)[Math.floor(random() * 3)] ?? "hang" };
    default:
      return kind satisfies never;
  }
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const mixed = [...all];
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}
