/** What the cluster's commands throw: one sentence that says what is wrong and what to do. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly code:
    | "unsupported-platform"
    | "incomplete-install"
    | "no-space"
    | "foreign-data"
    | "start-failed"
    | "port-taken"
    | "not-running"
    | "already-running"
    | "unknown-node"
    | "refused";

  constructor(code: ClusterError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
