/** Why nothing could be proved, in a sentence for whoever asked. A proof that fails is a finding and not an error. */
export class ProofError extends Error {
  override readonly name = "ProofError";
}
