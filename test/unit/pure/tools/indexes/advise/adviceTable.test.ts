import { describe, expect, it } from "vitest";
import { adviceTable } from "../../../../../../tools/indexes/advise/adviceTable.ts";

describe("advice in words", () => {
  it("shows each finding with its figures, and its command whole on a line of its own", () => {
    const command = `DROP INDEX CONCURRENTLY public.${"a_long_name_".repeat(8)}`;
    const restore = "CREATE INDEX a ON public.pitches USING btree (genre)";
    const text = adviceTable({
      findings: [
        {
          kind: "unused",
          object: "public.a",
          sentence: "No node has read it in 40 days.",
          certainty: "measured",
          numbers: { scans: 0, bytes: 1_234_567, restore },
          command,
        },
      ],
      notes: ["pg_stat_statements is not installed."],
    });
    expect(text).toContain("bytes 1,234,567");
    expect(text.split("\n")).toContain(`1. ${command}`);
    expect(text.split("\n")).toContain(`     restore: ${restore}`);
    expect(text).toContain("- pg_stat_statements is not installed.");
  });

  it("says that nothing was found, and what was not looked at", () => {
    expect(adviceTable({ findings: [], notes: ["No Worker was asked."] })).toBe(
      "Nothing was found.\nAlso:\n- No Worker was asked.",
    );
  });
});
