/** `6m08s`, `4.2s`, `350ms`: how long something lasts, for people. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const rest = `${String(hours > 0 ? minutes : seconds % 60).padStart(2, "0")}${hours > 0 ? "m" : "s"}`;
  return hours > 0 ? `${hours}h${rest}` : `${minutes}m${rest}`;
}

/** `12.3 MB`, for people. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1_024 ** power;
  return `${power === 0 ? number : number.toFixed(number < 10 ? 1 : 0)} ${units[power]}`;
}
