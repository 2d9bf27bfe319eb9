import { MAX_NAMED_REPORTERS } from "../rpc/constants.ts";

/**
 * Names a reporter where there is room for it; else in place of one of the colo that is named most, if that is more than
 * its own would be, since a quorum is of colos too: where reporters of several came, several are named.
 */
export function nameReporter(named: Map<string, string>, id: string, colo: string): void {
  if (named.has(id)) return;
  if (named.size >= MAX_NAMED_REPORTERS) {
    const times = (of: string) => [...named.values()].filter((each) => each === of).length;
    const [spare] = [...named].sort(([, a], [, b]) => times(b) - times(a));
    if (!spare || times(spare[1]) <= times(colo) + 1) return;
    named.delete(spare[0]);
  }
  named.set(id, colo);
}
