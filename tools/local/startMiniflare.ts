import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Miniflare, running. */
export interface RunningMiniflare {
  readonly miniflare: Miniflare;
  /** May be called again; Miniflare's own `dispose` may not. */
  close(): Promise<void>;
}

/** Miniflare, ready, on loopback. It takes no signal for itself: whoever started it closes it. */
export async function startMiniflare(options: MiniflareOptions): Promise<RunningMiniflare> {
  const before = SIGNALS.map((name) => ({ name, known: new Set(process.listeners(name)) }));
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false, // a made-up one: fetching a real one would leave this machine
    log: new Log(LogLevel.WARN),
    ...options,
  });
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    throw error;
  }
  // Its own listeners end the process at the first signal, before the cluster could be stopped.
  for (const { name, known } of before) {
    for (const listener of process.listeners(name)) if (!known.has(listener)) process.off(name, listener);
  }
  let closing: Promise<void> | undefined;
  return {
    miniflare,
    close: () => {
      closing ??= miniflare.dispose();
      return closing;
    },
  };
}
