/**
 * The tags of a write that shows in nothing but answers to its writer, or in what others are shown alone (an inbox):
 * those are in no shared cache, so that nothing else needs to be looked up anew.
 */
export function ownTags(accountId: string): readonly string[] {
  return [`user:${accountId}`, `account:${accountId}`];
}
