import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzz } from "../../tools/fuzz/fuzz.ts";
import { type LetterBox, openLetterBox } from "../../tools/fuzz/letterBox.ts";
import { report } from "../../tools/fuzz/report.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";

const INPUTS = 1_500;

let system: TestSystem;
let letters: LetterBox;

beforeAll(async () => {
  system = await startTestSystem(1_000, { cache: "on" });
  letters = await openLetterBox();
});
afterAll(async () => {
  await letters.close();
  await system.stop();
});

it(`answers ${INPUTS} inputs made from its own document as documented, and shows nobody what is another's`, async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const again = `npm run fuzz -- --inputs ${INPUTS} --seed ${seed}`;
  console.log(again);
  const { url } = await system.another(letters.environment);
  const { connectionString } = await system.cluster.resolve("primary");
  const { findings, tampered, ...result } = await fuzz({ url, connectionString, inputs: INPUTS, seed });
  const told = report({ findings, tampered }, url);
  if (told !== "") throw new Error(`${told}\n\n${again}`);
  expect(result).toMatchObject({ inputs: INPUTS, serverErrors: 0, offDocument: 0, leaks: 0 });
  // A run that never gets past the door would find nothing either.
  expect(result.byStatus[200]).toBeGreaterThan(INPUTS / 20);
  expect(result.neverSucceeded.length).toBeLessThan(result.operations / 2);
});
