/**
 * Makes the first Ctrl-C (or SIGTERM) abort the signal, so that the run cleans up and ends; the second one calls `leave`,
 * which says what is left to do, and ends the process at once.
 */
export function interrupts(leave: () => void): { readonly signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) {
      leave();
      process.exit(130);
    }
    console.error("Stopping: cancelling the build and dropping what it leaves (again to leave at once)");
    controller.abort();
  };
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    close: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
