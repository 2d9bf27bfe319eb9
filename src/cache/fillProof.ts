import { type BumpKnowledge, processOf } from "./bumpKnowledge.ts";
import { MAX_FILL_BUMPS, MAX_SAW } from "./constants.ts";
import type { FillProof } from "./entry.ts";
import type { FillFacts } from "./fillFacts.ts";

/** What a load is to ask for, by what is known when it begins. */
export interface FillQuestion {
  /** Marks of bumps that the answer may lack, wherever it comes from. */
  readonly bumps: readonly string[];
  /** There are more of them than a load asks for: it proves nothing. */
  readonly isTooMany: boolean;
}

/** One read of a load: the node, and what it said; undefined: it could not say. */
export interface FillRead {
  readonly node: string;
  readonly facts: FillFacts | undefined;
}

/** `also`: marks that whoever waits for the answer is owed. */
export function fillQuestion(known: BumpKnowledge, buckets: readonly number[], also: readonly string[]): FillQuestion {
  const meets = (touched: readonly number[]) => touched.some((bucket) => buckets.includes(bucket));
  const live = [...known.live].filter(([, bump]) => meets(bump.buckets)).map(([id]) => id);
  const own = [...known.own].filter(([, touched]) => meets(touched)).map(([id]) => id);
  // What somebody is owed stands last, where `saw` keeps it.
  const bumps = [...new Set([...live, ...own, ...also])];
  return { bumps: bumps.slice(0, MAX_FILL_BUMPS), isTooMany: bumps.length > MAX_FILL_BUMPS };
}

/**
 * What a load proved (notes on consistency, §4). All that the word numbers is in the answer where each read of it came
 * from a process that is known to hold every bump that is over, in the word's own epoch, and showed all that are live.
 */
export function fillProof(known: BumpKnowledge, question: FillQuestion, reads: readonly FillRead[]): FillProof {
  const { incarnation, seq, epoch, live, cover } = known;
  const shown = reads.map(({ facts }) => new Set(facts?.held));
  const held = question.bumps.filter((_, index) => shown.length > 0 && shown.every((each) => each.has(index)));
  const isCovered = reads.every(({ node, facts }) => {
    return facts !== undefined && facts.epoch === epoch && cover.has(processOf(node, facts.process));
  });
  const isHeld = new Set(held);
  const lacksLive = question.bumps.some((id) => live.has(id) && !isHeld.has(id));
  const isProven = seq >= 0 && !question.isTooMany && isCovered && !lacksLive;
  return {
    incarnation,
    provenThrough: isProven ? seq : -1,
    knownThrough: seq,
    epoch: reads[0]?.facts?.epoch ?? "",
    saw: held.slice(-MAX_SAW),
  };
}
