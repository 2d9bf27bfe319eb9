import * as z from "zod/mini";

/** Text of at least one character that is not blank, with no blanks around it. */
export function text(maxLength: number) {
  return z
    .string({ error: "must be text" })
    .check(
      z.trim(),
      z.minLength(1, { error: "must not be empty" }),
      z.maxLength(maxLength, { error: `must be at most ${maxLength} characters long` }),
    );
}
