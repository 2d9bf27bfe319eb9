import type { Proof } from "./proof.ts";
import { max, newestEpochOf, type Token } from "./token.ts";

/** Why a node's answer is none for this session. */
export type Elsewhere = "old-epoch" | "not-installed" | "writes-missing" | "may-be-earlier";

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
  | { readonly kind: "good"; readonly token: Token; readonly broken: Broken }
  /** Good for nobody who can still ask another; the token and what to say should this have to do. */
  | { readonly kind: "doubtful"; readonly token: Token; readonly broken: Broken }
  | { readonly kind: "elsewhere"; readonly why: Elsewhere };

/**
 * Whether an answer keeps what was promised to the session: it holds all that the session wrote, and nothing that the
 * session saw is missing (notes on consistency: marks in the statement's own snapshot; `xmin ≥ xmax` or the same
 * process). Only the primary may say that a write is lost, and only of an epoch that is over.
 */
export function judgeRead(token: Token, node: string, proof: Proof): Judgement {
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
  const after = afterRead(token, node, proof, epoch, lost);
  return { kind: broken.unproven ? "doubtful" : "good", token: after, broken };
}

/** Whether nothing is missing of what the session saw. */
function sightOf({ seen }: Token, proof: Proof, epoch: bigint): "good" | "may-be-earlier" | "rewound" {
  if (!seen) return "good";
  const xmax = BigInt(seen.xmax);
  if (BigInt(seen.epoch) === epoch) {
    return proof.xmin >= xmax || proof.generation === seen.generation ? "good" : "may-be-earlier";
  }
  // Numbers of transactions are given again after a failover: only what was over on the promoted node is comparable.
  return proof.switchXmin !== null && xmax <= proof.switchXmin ? "good" : "rewound";
}

function afterRead(token: Token, node: string, proof: Proof, epoch: bigint, lost: Token["marks"]): Token {
  const isSameEpoch = token.seen !== null && BigInt(token.seen.epoch) === epoch;
  const xmax = isSameEpoch && token.seen ? max(BigInt(token.seen.xmax), proof.xmax) : proof.xmax;
  return {
    marks: token.marks.filter((mark) => !lost.includes(mark)),
    seen: { node, generation: proof.generation, xmax: String(xmax), epoch: String(epoch) },
  };
}
