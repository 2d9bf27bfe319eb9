import type { Random } from "./random.ts";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * A version 7 UUID whose random part comes from the seed: what `uuidv7` makes of the same bytes, three times as fast,
 * since there are some ten ids for each pitch.
 */
export function timedId(ms: number, random: Random): string {
  for (let drawn = 0; drawn < 6; drawn++) random.uint32(); // bytes that the time takes the place of
  const time = ms.toString(16).padStart(12, "0");
  const version = HEX[0x70 | (byteOf(random) & 0x0f)];
  const after = HEX[byteOf(random)];
  const variant = HEX[0x80 | (byteOf(random) & 0x3f)];
  let rest = "";
  for (let drawn = 9; drawn < 16; drawn++) rest += HEX[byteOf(random)];
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${after}-${variant}${rest.slice(0, 2)}-${rest.slice(2)}`;
}

function byteOf(random: Random): number {
  return random.uint32() >>> 24;
}
