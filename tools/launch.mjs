// Plain JavaScript, so that any Node can read it: tells people with an old Node or half an install what to do, then
// runs the TypeScript file it was given.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const OLDEST = [22, 18]; // the first that runs TypeScript without a flag
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const [, , script = "", ...rest] = process.argv;

if (!existsSync("node_modules/.package-lock.json")) {
  fail("The packages are not installed, or not to the end: run `npm ci`.");
}
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  fail(
    `This is Node ${process.versions.node}, too old to run TypeScript: run \`npm ci\` (it brings Node 24) and start with npm.`,
  );
}
process.argv = [process.argv[0] ?? "node", resolve(script), ...rest];
await import(pathToFileURL(resolve(script)).href);

/** @param {string} sentence */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
