/** What the commands that ask a Worker's `/admin` throw: what is wrong, in one sentence. */
export class AdminError extends Error {
  override readonly name = "AdminError";
}
