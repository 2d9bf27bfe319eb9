/** What a node's answer says of itself, from within the statement that read. */
export interface Proof {
  /** Which of the session's marks it holds: bit n for the n-th. */
  readonly own: number;
  /** Every transaction below `xmin` is over there, and was seen if it committed; none from `xmax` on was. */
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** The server process: what another one had seen proves nothing of this one. */
  readonly generation: string;
  /** The newest epoch it knows of; null where the schema is missing. */
  readonly epoch: bigint | null;
  readonly isPrimary: boolean;
  /**
   * Of the epochs after the one that the session last read in: what had surely been over on every node that was
   * promoted. Null: nothing is known of one of them, or this node's line never had that epoch (an old primary whose
   * line was gone on with after all). Means nothing where that epoch is still this node's.
   */
  readonly switchXmin: bigint | null;
}
