import { EVERY_MINUTE, NIGHTLY } from "../../src/cronTriggers.ts";

/** Fires the Worker's cron triggers as Cloudflare would, from now on. Returns what stops it. */
export function fireCrons(fire: (cron: string) => Promise<void>, onError: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout;
  const tick = async () => {
    const now = new Date();
    schedule();
    for (const cron of dueCrons(now)) await fire(cron).catch(onError);
  };
  const schedule = () => {
    timer = setTimeout(tick, 60_000 - (Date.now() % 60_000));
  };
  schedule();
  return () => clearTimeout(timer);
}

/** The triggers of wrangler.toml that are due in this minute. */
export function dueCrons(now: Date): string[] {
  const isNight = now.getUTCHours() === 3 && now.getUTCMinutes() === 17;
  return isNight ? [EVERY_MINUTE, NIGHTLY] : [EVERY_MINUTE];
}
