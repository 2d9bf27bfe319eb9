/** What an answer that is to be shared says of where it came from, in its own statement. */
export interface FillFacts {
  /** Which of the bumps that were asked for it shows: bit n for the n-th. */
  readonly held: number;
  /** The server process, as samples name it. */
  readonly process: string;
  /** The newest epoch that the node knows of, a bigint as text; "0": none. */
  readonly epoch: string;
}
