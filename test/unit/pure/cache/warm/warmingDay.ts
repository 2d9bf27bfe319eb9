import { WARM_MARGIN_MS } from "../../../../../src/cache/warm/constants.ts";
import { kvAllowance } from "../../../../../src/cache/warm/kvAllowance.ts";
import { planKvWrite } from "../../../../../src/cache/warm/planKvWrite.ts";
import { planWarming } from "../../../../../src/cache/warm/planWarming.ts";
import { Random } from "../../../../../tools/seed/random.ts";

export interface DayOptions {
  readonly seed: number;
  readonly keys: number;
  readonly everyMs: number;
  readonly writesPerDay: number;
  readonly subrequests: number;
  readonly fresh: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** How often a key's answer changes on average. */
  readonly changesEveryMs: number;
  /** KV writes of others, spread over the day. */
  readonly othersWrites: number;
}

interface Copy {
  readonly hash: string;
  readonly loadedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly errorUntil: number;
}

export interface Day {
  readonly kvWrites: number;
  readonly othersWrites: number;
  /** Writes of the same answer whose copy would have lasted. */
  readonly needless: number;
  readonly loads: number;
  readonly mostSubrequests: number;
  /** Times, after two runs, at which the copy that is seen everywhere could not be shown without a wait: `key@seconds`. */
  readonly waits: readonly string[];
  /** The same of the hottest key. */
  readonly hottestWaits: number;
}

const LOAD_MS = 100;
/** What is written to KV is seen elsewhere only then. */
const SEEN_AFTER_MS = 60_000;
const DAY_MS = 86_400_000;
const LATE_MS = 10_000;

/** A day of warming runs over one KV, whose readers elsewhere see each write a minute later. Looks at it each ten seconds. */
export function warmingDay(options: DayOptions): Day {
  const random = new Random(options.seed);
  const names = Array.from({ length: options.keys }, (_, rank) => `k${rank}`);
  const answers = new Map(
    names.map((name) => [name, { version: 0, changesAt: random.next() * options.changesEveryMs }]),
  );
  const kv = new Map<string, Copy>();
  const seen = new Map<string, Copy>();
  const pending: { at: number; key: string; copy: Copy }[] = [];
  const waits: string[] = [];
  const count = { kvWrites: 0, needless: 0, loads: 0, mostSubrequests: 0, others: 0 };

  function load(key: string, now: number): string {
    const answer = answers.get(key) ?? { version: 0, changesAt: 0 };
    for (; answer.changesAt <= now; answer.version++) {
      answer.changesAt -= Math.log(1 - random.next()) * options.changesEveryMs;
    }
    count.loads++;
    return `${key}/${answer.version}`;
  }

  function run(now: number): void {
    const writesLeft = options.writesPerDay - count.kvWrites - count.others;
    let kvWrites = kvAllowance({
      now,
      writesLeft,
      writesPerDay: options.writesPerDay,
      nextRunInMs: options.everyMs,
    });
    const next = { inMs: options.everyMs, marginMs: WARM_MARGIN_MS };
    const none: Copy = { hash: "", loadedAt: 0, freshUntil: 0, staleUntil: 0, errorUntil: 0 };
    const plan = planWarming({
      now,
      keys: names.map((key, rank) => ({ key, heat: 1_000 / (rank + 1), loadMs: LOAD_MS, ...(kv.get(key) ?? none) })),
      database: { isOpen: false, isAsleep: false, isRecovering: false, lagMs: 0, load: 0 },
      budget: { subrequestsLeft: options.subrequests, kvWrites, leftMs: 60_000 },
      next,
    });
    let subrequests = 0;
    for (const { key } of plan.load) {
      const copy = kv.get(key) ?? none;
      const hash = load(key, now);
      subrequests += 2;
      const write = planKvWrite({
        now,
        copy: { ...copy, loadMs: LOAD_MS },
        hash,
        next,
        runwayMs: options.staleIfError / 2,
        kvWrites,
      });
      if (write.kind === "skip" && write.why === "kv-writes") break;
      if (write.kind === "skip") continue;
      const lasts = copy.staleUntil - now >= options.everyMs + LOAD_MS + WARM_MARGIN_MS;
      if (hash === copy.hash && lasts && copy.errorUntil - now >= options.staleIfError / 2) count.needless++;
      kvWrites--;
      subrequests++;
      count.kvWrites++;
      const freshUntil = now + options.fresh;
      const written: Copy = {
        hash,
        loadedAt: now,
        freshUntil,
        staleUntil: freshUntil + options.staleWhileRevalidate,
        errorUntil: freshUntil + options.staleIfError,
      };
      kv.set(key, written);
      pending.push({ at: now + SEEN_AFTER_MS, key, copy: written });
    }
    count.mostSubrequests = Math.max(count.mostSubrequests, subrequests);
  }

  let runAt = random.next() * LATE_MS;
  for (let now = 0; now < DAY_MS; now += 10_000) {
    for (; runAt <= now; runAt = Math.floor(runAt / options.everyMs + 1) * options.everyMs + random.next() * LATE_MS)
      run(now);
    const isAnyLeft = count.kvWrites + count.others < options.writesPerDay;
    if (random.next() < (options.othersWrites * 10_000) / DAY_MS && isAnyLeft) count.others++;
    for (; pending[0] && pending[0].at <= now; pending.shift()) seen.set(pending[0].key, pending[0].copy);
    if (now < 2 * options.everyMs + SEEN_AFTER_MS + LATE_MS) continue;
    for (const key of names) if ((seen.get(key)?.staleUntil ?? 0) <= now) waits.push(`${key}@${now / 1_000}`);
  }
  const { kvWrites, others: othersWrites, needless, loads, mostSubrequests } = count;
  const hottestWaits = waits.filter((wait) => wait.startsWith("k0@")).length;
  return { kvWrites, othersWrites, needless, loads, mostSubrequests, waits, hottestWaits };
}
