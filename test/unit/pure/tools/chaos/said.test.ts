import { describe, expect, it } from "vitest";
import { TokenSigner } from "../../../../../src/database/tokenSigner.ts";
import { endingOf, readEpoch, tokenInside, toldBy, writeEpoch } from "../../../../../tools/chaos/cluster/said.ts";

const problem = (slug: string) => ({ type: `/problems/${slug}` });

describe("an answer", () => {
  it.each([
    [200, {}, "answered"],
    [404, problem("not-found"), "failed"],
    [503, problem("unavailable"), "refused"],
    [503, problem("deadline-exceeded"), "refused"],
    [503, problem("unknown-outcome"), "unknown"],
    [503, problem("misconfigured"), "failed"],
    [503, undefined, "failed"],
    [409, problem("idempotency-key-busy"), "refused"],
    [500, problem("internal-error"), "failed"],
  ])("of %d with %j is %s", (status, body, ending) => {
    expect(endingOf(status, body, [200])).toBe(ending);
  });

  it("tells what could not be kept", () => {
    const told = (text?: string) => toldBy(new Headers(text === undefined ? {} : { "Breakwater-Consistency": text }));
    expect(told()).toEqual({ lost: false, rewound: false, unproven: false });
    expect(told("lost=2, rewound")).toEqual({ lost: true, rewound: true, unproven: false });
    expect(told("unproven")).toEqual({ lost: false, rewound: false, unproven: true });
  });

  it("shows its epochs in the token that the product signs", async () => {
    const id = "01890000-0000-7000-8000-000000000000";
    const seen = { node: "node-2", generation: "1.1", xmax: "800", epoch: "3" };
    const text = await new TokenSigner(["key"]).sign({ marks: [{ id, epoch: "2" }], seen }, 0);
    const token = tokenInside(text);
    expect([readEpoch(token), writeEpoch(token), tokenInside("1.x.y")]).toEqual([3, 2, undefined]);
  });
});
