import { RESET_WEBHOOK_MS } from "../constants.ts";
import type { ResetDelivery } from "./resetDelivery.ts";

/**
 * Hands each letter, as JSON, to whoever sends e-mail behind this address. Any status of 200 to 299 is a yes. What went
 * wrong is told in words of our own: the runtime's may hold the address, which is a secret.
 */
export function webhookDelivery(url: string, send: typeof fetch = fetch): ResetDelivery {
  return {
    async send(letter) {
      const status = await post(url, letter, send);
      if (status < 200 || status > 299) throw new Error(`The webhook for password resets answered ${status}.`);
    },
  };
}

async function post(url: string, letter: unknown, send: typeof fetch): Promise<number> {
  const signal = AbortSignal.timeout(RESET_WEBHOOK_MS);
  try {
    const response = await send(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(letter),
      redirect: "manual", // the token goes where it was meant to go
      signal,
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    const how = signal.aborted ? `did not answer within ${RESET_WEBHOOK_MS / 1_000} s` : "could not be reached";
    throw new Error(`The webhook for password resets ${how}.`);
  }
}
