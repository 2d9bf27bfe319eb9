import type { Proof } from "./proof.ts";
import { max, newestEpochOf, type Token } from "./token.ts";

/** Why a node's answer is none for this session. */
type Elsewhere = "old-epoch" | "not-installed" | "writes-missing" | "may-be-earlier";

/** What has to be said with an answer, once: a promise that nobody could keep. */
export interface Broken {
  /** Writes that were answered and are on no present line of history any more. */
  readonly lost: readonly string[];
  /** What the session had seen before a failover may be gone. */
  readonly rewound: boolean;
  /** It may be earlier than what the session had seen, or miss its own write, though it comes from the primary. */
  readonly unproven: boolean;
}

export type Judgement =
  | { readonly kind: "good"; readonly broken: Broken }
  /** Good for nobody who can still ask another: what to say should it have to do. */
  | { readonly kind: "doubtful"; readonly broken: Broken }
  | { readonly kind: "elsewhere"; readonly why: Elsewhere };

/**
 * Whether an answer keeps what was promised to the session: it holds all that the session wrote, and nothing that the
 * session saw is missing (notes on consistency: marks in the statement's own snapshot; `xmin ≥ xmax` or the same
 * process). Only the primary may say that a write is lost, and only of an epoch that is over.
 */
export function judgeRead(token: Token, proof: Proof): Judgement {
  if (proof.epoch === null) return { kind: "elsewhere", why: "not-installed" };
  if (proof.epoch < newestEpochOf(token)) return { kind: "elsewhere", why: "old-epoch" };
  const missing = token.marks.filter((_, index) => (proof.own & (1 << index)) === 0);
  if (missing.length > 0 && !proof.isPrimary) return { kind: "elsewhere", why: "writes-missing" };
  const epoch = proof.epoch;
  const lost = missing.filter((mark) => BigInt(mark.epoch) < epoch);
  const sight = sightOf(token, proof, epoch);
  if (sight === "may-be-earlier" && !proof.isPrimary) return { kind: "elsewhere", why: sight };
  const broken: Broken = {
    lost: lost.map(({ id }) => id),
    rewound: sight === "rewound",
    // A write of this very epoch that the primary does not show: two servers call themselves by one name.
    unproven: sight === "may-be-earlier" || missing.length > lost.length,
  };
  return { kind: broken.unproven ? "doubtful" : "good", broken };
}

/**
 * The session after an answer was given to it. `token` may have moved on meanwhile, by another answer to the same request:
 * then no process is known to have seen both, and only the numbers of transactions tell.
 */
export function afterRead(token: Token, node: string, proof: Proof, { lost, unproven }: Broken): Token {
  if (proof.epoch === null) return token;
  const epoch = String(proof.epoch);
  const { seen } = token;
  const isSameEpoch = seen !== null && BigInt(seen.epoch) === proof.epoch;
  const xmax = isSameEpoch ? max(BigInt(seen.xmax), proof.xmax) : proof.xmax;
  // What was said to be unproven is what the session goes on from.
  const isSeenByAll = unproven || sightOf(token, proof, proof.epoch) !== "may-be-earlier";
  const generation = isSeenByAll ? proof.generation : "";
  const marks = token.marks.filter(({ id }) => !lost.includes(id));
  return { ...token, marks, seen: { node, generation, xmax: String(xmax), epoch } };
}

/** Whether nothing is missing of what the session saw. */
function sightOf({ seen }: Token, proof: Proof, epoch: bigint): "good" | "may-be-earlier" | "rewound" {
  if (!seen) return "good";
  const xmax = BigInt(seen.xmax);
  if (BigInt(seen.epoch) === epoch) {
    const isSameProcess = seen.generation !== "" && proof.generation === seen.generation;
    return isSameProcess || proof.xmin >= xmax ? "good" : "may-be-earlier";
  }
  // Numbers of transactions are given again after a failover: only what was over on the promoted node is comparable.
  return proof.switchXmin !== null && xmax <= proof.switchXmin ? "good" : "rewound";
}
