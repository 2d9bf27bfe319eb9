import Table from "cli-table3";
import * as z from "zod/mini";
import type { WarmRefusal } from "../../src/cache/warm/warmReport.ts";
import { AdminError } from "../admin/adminError.ts";

const path = z.string();

/** `POST /api/cache/warm`. */
const reportSchema = z.object({
  planned: z.number(),
  trouble: z.optional(z.string()),
  done: z.array(z.object({ path, isChanged: z.boolean(), isWritten: z.boolean(), ms: z.number() })),
  skipped: z.array(z.object({ path, why: z.string() })),
  failed: z.array(z.object({ path, why: z.string() })),
});
type WarmAnswer = z.infer<typeof reportSchema>;

/** Each reason in words; what a later version adds is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
  "dry-run": "would be loaded",
  breaker: "the breaker lets nobody to the database",
  asleep: "the database sleeps",
  lag: "every replica lags",
  busy: "the database is busy with visitors",
  lives: "fresh beyond the next run",
  cold: "nobody wants it",
  "kv-writes": "no KV write is left for this run",
  subrequests: "more than one run may ask for",
  time: "the run had no time left",
  joined: "another call is loading it",
  "no-such-route": "no such path",
  "not-shared": "its answer is shared with nobody",
  invalid: "a parameter is refused",
};

const REFUSALS: readonly string[] = ["no-such-route", "not-shared", "invalid"] satisfies readonly WarmRefusal[];

/** Rows shown; `--json` has all. */
const SHOWN = 50;

export function readWarmed(answer: unknown): WarmAnswer {
  const read = reportSchema.safeParse(answer);
  if (read.success) return read.data;
  const isOff = z.object({ mode: z.literal("off") }).safeParse(answer).success;
  throw new AdminError(
    isOff
      ? "The cache is off there: BREAKWATER_MODE_CACHE is what turns it on."
      : "The Worker's answer is not understood: is it of another version?",
  );
}

/** What a warming run did, for people: each path it touched or left, then how many in all. */
export function warmText({ planned, done, skipped, failed, trouble }: WarmAnswer): string {
  const rows = [
    ...done.map((each) => [each.path, loadedText(each), `${Math.round(each.ms)} ms`]),
    ...failed.map((each) => [each.path, `failed: ${each.why}`, ""]),
    ...skipped.map((each) => [each.path, REASONS[each.why] ?? each.why, ""]),
  ];
  const table = new Table({ head: ["path", "what came of it", "took"], style: { head: [], border: [] } });
  table.push(...rows.slice(0, SHOWN));
  const more = rows.length > SHOWN ? [`${rows.length - SHOWN} more: --json has all of them.`] : [];
  const written = done.filter(({ isWritten }) => isWritten).length;
  const sum = `${done.length} of ${planned} planned were loaded, ${written} written to KV; ${skipped.length} left, ${failed.length} failed.`;
  const unknown = trouble === undefined ? [] : [`What is hot is not known: ${trouble}.`];
  return [...(rows.length === 0 ? [] : [table.toString()]), ...more, sum, ...unknown].join("\n");
}

/** Something that was to be loaded was not, for a reason that will not go away by itself. */
export function hasFailed({ failed, skipped }: WarmAnswer): boolean {
  return failed.length > 0 || skipped.some(({ why }) => REFUSALS.includes(why));
}

function loadedText({ isChanged, isWritten }: WarmAnswer["done"][number]): string {
  return `${isChanged ? "changed" : "the same"}, ${isWritten ? "written to KV" : "not written"}`;
}
