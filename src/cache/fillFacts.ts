/** What an answer that is to be shared says of where it came from, in its own statement. */
export interface FillFacts {
  /** Which of the bumps that were asked for it shows: their places in the question, from 0. */
  readonly held: readonly number[];
  /** The server process, as samples name it. */
  readonly process: string;
  /** The newest epoch that the node knows of, a bigint as text; "0": none. */
  readonly epoch: string;
  /** It takes writes, and is called the primary: to ask the primary as well would bring nothing. */
  readonly isPrimary: boolean;
}
