import type { FlightPorts } from "../cache/coalesce.ts";
import { EXCHANGE_DEADLINE_MS } from "../rpc/constants.ts";
import { FIRST_WORD_LOOK_MS } from "./constants.ts";
import type { Exchange } from "./exchange.ts";

/**
 * The word of who has none: a new isolate's, or of one that nobody asked for minutes. From a neighbour, without a call;
 * else by an exchange, its own or the one that another request began. Undefined: there is a word, or none will come
 * soon (the last exchange brought none, or failed). Never rejects, and ends within an exchange's deadline.
 */
export function firstWord(
  exchange: Pick<Exchange, "isOutOfTouch" | "isUnderWay" | "lookAround" | "exchangeNow">,
  hasWord: () => boolean,
  flight: FlightPorts,
): Promise<unknown> | undefined {
  if (hasWord() || !exchange.isOutOfTouch(flight.now())) return undefined;
  const heard = hear(exchange, hasWord, flight);
  return Promise.race([heard.catch(() => undefined), flight.sleep(EXCHANGE_DEADLINE_MS)]);
}

async function hear(
  exchange: Parameters<typeof firstWord>[0],
  hasWord: () => boolean,
  { now, sleep, waitUntil }: FlightPorts,
): Promise<void> {
  const endAt = now() + EXCHANGE_DEADLINE_MS;
  await exchange.lookAround();
  if (hasWord()) return;
  await exchange.exchangeNow(EXCHANGE_DEADLINE_MS, waitUntil);
  // Another request's exchange is watched, never awaited: its promise may not be settled here.
  while (!hasWord() && exchange.isUnderWay(now()) && now() < endAt) await sleep(FIRST_WORD_LOOK_MS);
}
