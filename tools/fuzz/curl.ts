import type { RawRequest } from "./rawRequest.ts";

/** Longer bodies do not belong on a command line. */
const MAX_INLINE = 4_000;

/** The request as a command that sends the same bytes; a session's token is a shell variable, `$TOKEN`. */
export function curl(origin: string, { method, path, headers, body }: RawRequest): string {
  const words = ["curl -si --path-as-is", ...(method === "HEAD" ? ["-I"] : [`-X ${method}`]), quoted(origin + path)];
  for (const [name, value] of headers) words.push(`-H ${header(name, value)}`);
  if (!body) return words.join(" ");
  const bytes = Buffer.from(body);
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text).equals(bytes) && !text.includes("\0") && bytes.length <= MAX_INLINE;
  if (isText) return [...words, `--data-binary ${quoted(text)}`].join(" ");
  const made = bytes.length <= MAX_INLINE ? `base64 -d <<< ${bytes.toString("base64")}` : repeats(text);
  return `${made} | ${[...words, "--data-binary @-"].join(" ")}`;
}

/** A long body is long because something in it is repeated: a program that writes it again. */
function repeats(text: string): string {
  const runs = text.replace(/((?:.|\n){1,8}?)\1{40,}/g, (run, unit: string) => {
    return `'+${JSON.stringify(unit)}.repeat(${run.length / unit.length})+'`;
  });
  return `node -e "process.stdout.write('${runs.replaceAll('"', '\\"')}')"`;
}

function header(name: string, value: string): string {
  if (!/^(Bearer |session=)[\w-]{43}$/.test(value)) return quoted(value === "" ? `${name};` : `${name}: ${value}`);
  return `"${name}: ${value.replace(/[\w-]{43}$/, "$TOKEN")}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
