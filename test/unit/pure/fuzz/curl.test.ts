import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { curl } from "../../../../tools/fuzz/curl.ts";

/** What the command hands to curl: its words, and its standard input. */
function handedOver(command: string): { words: string[]; input: string } {
  const script = `curl() { printf '%s\\0' "$@"; printf 'INPUT\\0'; if [[ "$*" == *@-* ]]; then cat; fi; }; TOKEN=secret; ${command}`;
  const output = execFileSync("bash", ["-c", script], { encoding: "latin1" });
  const [head = "", input = ""] = output.split("INPUT\0");
  return { words: head.split("\0").slice(0, -1), input };
}

describe("the command that repeats a request", () => {
  test("has the method, the path as it is, and the headers, the token as a variable", () => {
    const headers = [
      ["Authorization", `Bearer ${"a".repeat(43)}`],
      ["Cookie", `session=${"b".repeat(43)}`],
      ["X-Odd", "it's; $HOME"],
      ["Idempotency-Key", ""],
    ] as const;
    const path = "/api/pitches/%00/../x?a=1&b='";
    const { words } = handedOver(curl("http://localhost:1", { method: "PUT", path, headers, body: undefined }));
    expect(words).toEqual([
      ...["-si", "--path-as-is", "-X", "PUT", `http://localhost:1${path}`],
      ...["-H", "Authorization: Bearer secret", "-H", "Cookie: session=secret"],
      ...["-H", "X-Odd: it's; $HOME", "-H", "Idempotency-Key;"],
    ]);
  });

  test.for([
    ["text", Buffer.from('{"title":"it\'s"}')],
    ["bytes that are no text", Buffer.from([0x7b, 0xff, 0x00, 0x27])],
    ["a long text", Buffer.from(`{"title":"${"x".repeat(70_000)}"}`)],
    ["a deep text", Buffer.from(`{"a":1,"deep":${"[".repeat(20_000)}${"]".repeat(20_000)}}`)],
  ] as const)("sends the same body: %s", ([, body]) => {
    const command = curl("http://localhost:1", { method: "POST", path: "/", headers: [], body });
    const { words, input } = handedOver(command);
    const sent = words.at(-1) === "@-" ? Buffer.from(input, "latin1") : Buffer.from(words.at(-1) ?? "", "latin1");
    expect(sent.equals(body)).toBe(true);
    expect(command.length).toBeLessThan(6_000);
  });
});
