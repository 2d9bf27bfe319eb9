import { EVERY_FIVE_MINUTES, EVERY_MINUTE, NIGHTLY } from "../../src/cronTriggers.ts";

/** Fires the Worker's cron triggers as Cloudflare would, from now on. Returns what stops it. */
export function fireCrons(
  fire: (cron: string, scheduledTime: Date) => Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout;
  const tick = async () => {
    const now = new Date();
    schedule();
    const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
    for (const cron of dueCrons(now)) await fire(cron, minute).catch(onError);
  };
  const schedule = () => {
    timer = setTimeout(tick, 60_000 - (Date.now() % 60_000));
  };
  schedule();
  return () => clearTimeout(timer);
}

/** The triggers of wrangler.toml that are due in this minute. */
export function dueCrons(now: Date): string[] {
  const minutes = now.getUTCMinutes();
  const isNight = now.getUTCHours() === 3 && minutes === 17;
  return [EVERY_MINUTE, ...(minutes % 5 === 0 ? [EVERY_FIVE_MINUTES] : []), ...(isNight ? [NIGHTLY] : [])];
}
