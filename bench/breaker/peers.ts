import { ConsecutiveBreaker, circuitBreaker, handleAll, type IBreaker, SamplingBreaker } from "cockatiel";
import CircuitBreaker from "opossum";
import { MIN_VOLUME, OPEN_AFTER_RUN, OPEN_AT_RATIO, WINDOW_MS } from "../../src/breaker/constants.ts";

/** No wait of an open breaker ends while it is measured. */
const FOR_EVER_MS = 3_600_000;

type Call = () => Promise<unknown>;

export interface Peers {
  /** cockatiel's breaker with our rule (a ratio over ten seconds), and the cheapest it has (failures in a row). */
  readonly cockatielClosed: Call;
  readonly cockatielConsecutiveClosed: Call;
  /** Refused: its error is caught, as a caller must. */
  readonly cockatielOpen: Call;
  readonly opossumClosed: Call;
  readonly stop: () => void;
}

/** Other breakers around the same call, with our rule where they have it, without timers or retries. */
export async function peers(attempt: () => Promise<unknown>): Promise<Peers> {
  const minimumRps = (MIN_VOLUME * 1_000) / WINDOW_MS;
  const sampling = () => new SamplingBreaker({ threshold: OPEN_AT_RATIO, duration: WINDOW_MS, minimumRps });
  const closed = cockatiel(sampling());
  const consecutive = cockatiel(new ConsecutiveBreaker(OPEN_AFTER_RUN));
  const open = cockatiel(sampling());
  open.isolate();
  const opossum = new CircuitBreaker(attempt, {
    timeout: false,
    errorThresholdPercentage: OPEN_AT_RATIO * 100,
    volumeThreshold: MIN_VOLUME,
    rollingCountTimeout: WINDOW_MS,
    rollingCountBuckets: 10,
    rollingPercentilesEnabled: false,
  });
  return {
    cockatielClosed: () => closed.execute(attempt),
    cockatielConsecutiveClosed: () => consecutive.execute(attempt),
    cockatielOpen: () => open.execute(attempt).catch(() => undefined),
    opossumClosed: () => opossum.fire(),
    stop: () => opossum.shutdown(),
  };
}

function cockatiel(breaker: IBreaker) {
  return circuitBreaker(handleAll, { halfOpenAfter: FOR_EVER_MS, breaker });
}
