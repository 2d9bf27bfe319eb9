import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { CRONS, EVERY_FIVE_MINUTES, EVERY_MINUTE, NIGHTLY } from "../../../../src/cronTriggers.ts";
import { dueCrons } from "../../../../tools/local/crons.ts";

describe("the local crons", () => {
  it.each([
    ["2026-11-24T12:00:00Z", [EVERY_MINUTE, EVERY_FIVE_MINUTES]],
    ["2026-11-24T12:04:00Z", [EVERY_MINUTE]],
    ["2026-11-24T03:16:59Z", [EVERY_MINUTE]],
    ["2026-11-24T03:17:00Z", [EVERY_MINUTE, NIGHTLY]],
    ["2026-11-24T03:18:00Z", [EVERY_MINUTE]],
    ["2026-11-24T15:17:00Z", [EVERY_MINUTE]],
  ])("fire at %s what Cloudflare would", (at, expected) => {
    expect(dueCrons(new Date(at))).toEqual(expected);
  });

  it("are those of wrangler.toml", async () => {
    const toml = await readFile("wrangler.toml", "utf8");
    expect(toml).toContain(`crons = ${JSON.stringify(CRONS).replaceAll(",", ", ")}`);
  });
});
