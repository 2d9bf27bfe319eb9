/** Why nothing was seeded, in a sentence for whoever ran it. */
export class SeedError extends Error {
  override readonly name = "SeedError";
}
