const ABSENT = ["42704", "42883", "42P01", "3F000", "58P01"];

/** Why something of a source cannot be made in a clone, for the end of a sentence. */
export function whyNotHere(error: unknown): string {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  const name = /"([^"]+)"|(?:function|type) (\S+)/.exec(message);
  if (ABSENT.includes(code) && name) return `the Postgres of the copy has no ${name[1] ?? name[2]}`;
  return message;
}
