import type { BytesTwist } from "./plan.ts";

/** A JSON body (its source) as bytes that are wrong, or odd, in one way. */
export function bytesTwist(how: BytesTwist, source: string): Uint8Array {
  switch (how) {
    case "empty":
      return Buffer.alloc(0);
    case "truncated":
      return Buffer.from(source.slice(0, -1));
    case "trailing-text":
      return Buffer.from(`${source} x`);
    case "bad-utf-8":
      return Buffer.concat([Buffer.from(source.slice(0, -1)), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from("}")]);
    case "byte-order-mark":
      return Buffer.from(`\ufeff${source}`);
    case "utf-16":
      return Buffer.from(source, "utf16le");
    case "huge-number":
      return Buffer.from(withField(source, `"amount":${"9".repeat(400)}e999`));
    case "deep-arrays":
      return Buffer.from(withField(source, `"deep":${"[".repeat(20_000)}${"]".repeat(20_000)}`));
    case "deep-objects":
      return Buffer.from(withField(source, `"deep":${'{"a":'.repeat(8_000)}1${"}".repeat(8_000)}`));
    case "field-twice":
      return Buffer.from(withField(source, source.slice(1, -1) || '"a":1'));
    case "prototype":
      return Buffer.from(withField(source, '"__proto__":{"role":"creator","isAdmin":true}'));
    case "escaped-surrogate":
      return Buffer.from(withField(source, '"a\\ud800":"\\udc00\\u0000"'));
    case "not-quite-too-large":
      return Buffer.from(source.padEnd(65_536, " "));
    case "too-large":
      return Buffer.from(withField(source, `"large":"${"x".repeat(70_000)}"`));
    default:
      return how satisfies never;
  }
}

/** The source of an object with one property more, as its source. */
function withField(source: string, field: string): string {
  if (!source.startsWith("{")) return `{${field}}`;
  return source === "{}" ? `{${field}}` : `${source.slice(0, -1)},${field}}`;
}
