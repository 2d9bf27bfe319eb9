/** What a thrown value says of itself; whatever was thrown, saying it throws nothing. */
export function wordsOf(thrown: unknown): string {
  try {
    const message = (thrown as { message?: unknown } | null | undefined)?.message;
    return typeof message === "string" ? message : String(thrown);
  } catch {
    return "an error that cannot be told"; // an object without a prototype, or one whose getters throw
  }
}
