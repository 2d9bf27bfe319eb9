import fc from "fast-check";
import { expect, test } from "vitest";
import { browsePitches, searchPitches } from "../../../../src/marketplace/queries/listPitches.ts";

const some = (value: string) => fc.option(fc.constant(value), { nil: undefined });
const filters = fc.record({ genre: some("drama"), format: some("tv"), stage: some("script") });
const after = fc.option(fc.constant({ key: 1, id: "0198c0de-0000-7000-8000-000000000001" }), { nil: undefined });

test("every list binds each value once, in order, and asks for published pitches by a literal", () => {
  fc.assert(
    fc.property(filters, after, fc.boolean(), (filters, after, isSearch) => {
      const page = { after, limit: 20 };
      const { text, values } = isSearch
        ? searchPitches({ q: "star", filters, page })
        : browsePitches({ sort: "popular", filters, page });
      const bound = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
      expect(new Set(bound)).toEqual(new Set(values.map((_, index) => index + 1)));
      expect(text).toContain("p.status = 'published'");
      expect(text).not.toMatch(/IS NULL|drama|star|0198c0de/);
      expect(values.at(-1)).toBe(21);
    }),
  );
});

test("the text depends on which filters there are, never on what they hold", () => {
  const page = { after: undefined, limit: 1 };
  const text = (genre: string, q: string) => searchPitches({ q, filters: { genre }, page }).text;
  expect(text("drama", "star")).toBe(text("'; DROP TABLE pitches; --", "the who"));
  expect(browsePitches({ sort: "newest", filters: {}, page }).text).not.toContain("p.genre =");
});

test("words excluded are looked up by their stem alone, hyphenated ones are not taken for excluded", () => {
  const text = (q: string) => searchPitches({ q, filters: {}, page: { after: undefined, limit: 1 } }).text;
  for (const q of ["star -wars", "-wars", 'star -"the wars"']) expect(text(q), q).not.toContain("'simple'");
  for (const q of ["star wars", "sci-fi", "été-hiver"]) expect(text(q), q).toContain("'simple'");
});
