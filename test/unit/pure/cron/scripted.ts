import type { Work } from "../../../../src/cron/work.ts";
import type { Query } from "../../../../src/database/query.ts";
import { TransportFailure } from "../../../../src/database/transport.ts";

export type Rows = readonly (readonly unknown[])[];

/** A primary that answers by the statement's name, with rows, a count of rows changed, or a failure; each takes 100 ms. */
export function scripted(answers: Record<string, (nth: number) => Rows | number | Error>, endAt = 1_000_000) {
  let now = 0;
  const sent: { readonly name: string; readonly ms: number }[] = [];
  const wrote: (readonly string[])[] = [];
  const work: Work = {
    now: () => now,
    endAt,
    wrote: (_id, tags) => void wrote.push(tags),
    ask: async ({ name }: Query, ms) => {
      const nth = sent.filter((each) => each.name === name).length;
      sent.push({ name, ms });
      now += 100;
      const answer = answers[name]?.(nth) ?? [];
      if (answer instanceof Error) {
        const failure = answer instanceof TransportFailure ? answer : new TransportFailure("sql", answer.message);
        return { ok: false, failure, judgement: { class: "caller", effect: "none" } };
      }
      const rows = typeof answer === "number" ? [] : answer;
      const rowCount = typeof answer === "number" ? answer : rows.length;
      return { ok: true, value: { columns: [], rows, command: "", rowCount } };
    },
  };
  const names = () => sent.map(({ name }) => name.replace("breakwater.", ""));
  return { work, sent, names, wrote };
}
