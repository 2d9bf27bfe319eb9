import { uuidv7 } from "../../src/database/uuid.ts";
import type { Random } from "./random.ts";

/** A version 7 UUID whose random part comes from the seed. */
export function timedId(ms: number, random: Random): string {
  return uuidv7(ms, (bytes) => {
    for (let index = 0; index < bytes.length; index++) bytes[index] = random.below(256);
  });
}
