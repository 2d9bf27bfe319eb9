/** A change of the source that no test can tell from the original, or that makes a loop which only time ends. */
export interface Exception {
  /** From the repository's root. */
  readonly file: string;
  /** The line that it begins on, where the same text stands on others too. */
  readonly on?: string;
  /** Both in one line. */
  readonly original: string;
  readonly replacement: string;
  /** `never`: with it the tests run until they are stopped, which counts as told. */
  readonly ends?: "never";
  /** Why no test can tell. */
  readonly why: string;
}

export const EXCEPTIONS: readonly Exception[] = [];
