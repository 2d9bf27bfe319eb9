import type { IsolateState } from "./isolate.ts";
import { hintOfPlace } from "./rpc/locationHint.ts";

/** What Cloudflare tells of where a request came in; locally, nothing. */
interface Origin {
  readonly colo?: unknown;
  readonly continent?: unknown;
  readonly longitude?: unknown;
}

/** The isolate learns where it is from its first request: its colo, and which region's Collectors it reports to. */
export function settleIn({ exchange }: IsolateState, request: Request): void {
  if (!exchange || exchange.isSettled) return;
  const { colo, continent, longitude } = ((request as { cf?: Origin }).cf ?? {}) as Origin;
  const { station } = exchange;
  exchange.settleIn({
    ...station,
    host: new URL(request.url).hostname,
    colo: textOr(colo, station.colo),
    hint: hintOfPlace({ continent: textOr(continent, ""), longitude: textOr(longitude, "") }) ?? station.hint,
  });
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" && value.length <= 16 ? value : otherwise;
}
