/** Exit codes of the commands, by what went wrong; told in their `--help`. */
const EXIT_CODES = {
  refused: 1,
  incomplete: 2,
  blocked: 3,
  held: 4,
  space: 5,
  cancelled: 130,
} as const;

type Code = keyof typeof EXIT_CODES;

/** Why indexes were not deployed (or not all), in a sentence for whoever ran the command. */
export class IndexError extends Error {
  override readonly name = "IndexError";
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}
