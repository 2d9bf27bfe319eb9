/**
 * Why builds cannot go through this address, if it is a pooler's: settings, locks and cancels belong to a session, and
 * a pooler gives each transaction another one. `pids`: of the backends that answered statement after statement.
 */
export function poolerTrouble(host: string, pids: readonly number[]): string | undefined {
  const [label = "", ...rest] = host.split(".");
  const direct = label.endsWith("-pooler") ? [label.slice(0, -"-pooler".length), ...rest].join(".") : undefined;
  if (direct !== undefined) return `${host} is a pooler: give the direct address, ${direct}.`;
  if (new Set(pids).size <= 1) return undefined;
  return `${host} is a pooler: two statements were answered by two backends (pid ${[...new Set(pids)].join(" and ")}). Give the server's own address.`;
}
