/** A node and how dear one more question to it is: its latency times the questions that wait there, this one included. */
export interface Scored {
  readonly node: string;
  readonly score: number;
}

/**
 * The order in which nodes are tried: the first is one of two that were drawn, by odds of the square of their scores, so
 * that equal nodes share evenly, one twice as slow gets a fifth, and one that is forty times as slow next to nothing; then
 * the others, the cheapest first. `random` gives numbers in [0, 1).
 */
export function nodesInOrder(nodes: readonly Scored[], random: () => number): string[] {
  const byScore = nodes.toSorted((a, b) => a.score - b.score);
  const drawn = drawTwo(byScore, random);
  const first = better(drawn, random);
  return [...(first ? [first] : []), ...byScore.filter((scored) => scored !== first)].map(({ node }) => node);
}

function drawTwo(nodes: readonly Scored[], random: () => number): readonly Scored[] {
  if (nodes.length <= 2) return nodes;
  const one = Math.floor(random() * nodes.length);
  const other = Math.floor(random() * (nodes.length - 1));
  return [nodes[one], nodes[other < one ? other : other + 1]].filter((scored) => scored !== undefined);
}

function better([a, b]: readonly Scored[], random: () => number): Scored | undefined {
  if (!a || !b) return a;
  const [squareA, squareB] = [a.score ** 2, b.score ** 2];
  const odds = squareA + squareB === 0 ? 0.5 : squareB / (squareA + squareB);
  return random() < odds ? a : b;
}
