/**
 * The topic under which the marketplace looks for a thread: the two accounts in order, and the pitch. Made here again,
 * since the marketplace's own would load all of the core with it, half of the time that a small seeding takes.
 */
export function topicOf(one: string, other: string, pitchId: string | undefined): string {
  const [first, second] = one < other ? [one, other] : [other, one];
  return pitchId === undefined ? `${first}:${second}` : `${first}:${second}:${pitchId}`;
}
