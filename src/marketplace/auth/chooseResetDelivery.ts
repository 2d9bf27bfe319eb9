import { ConfigError } from "../../breakwater.ts";
import type { ResetDelivery, ResetLetter } from "./resetDelivery.ts";
import { webhookDelivery } from "./webhookDelivery.ts";

/** Writes a line to the log; its fields are shown to whoever reads it. */
export type Log = (level: "info", fields: Readonly<Record<string, unknown>>) => void;

/**
 * The delivery that the environment names: `PASSWORD_RESET_DELIVERY = "log"` writes each letter, token and all, to the
 * log, which is for one's own machine; else `PASSWORD_RESET_WEBHOOK` is who sends them. With neither, or with a mistake
 * in them, the first letter rejects with a `ConfigError` that says what to set, and the others are dropped in silence.
 */
export function chooseResetDelivery(env: object, log: Log): ResetDelivery {
  const { PASSWORD_RESET_DELIVERY: delivery, PASSWORD_RESET_WEBHOOK: webhook } = env as Readonly<
    Record<string, unknown>
  >;
  if (delivery === "log") return logDelivery(log);
  if (delivery !== undefined && delivery !== "")
    return noDelivery('PASSWORD_RESET_DELIVERY must be "log", or not set.');
  if (webhook === undefined || webhook === "") {
    return noDelivery("Nobody is sent a new password: set the secret PASSWORD_RESET_WEBHOOK.");
  }
  if (isSecretUrl(webhook)) return webhookDelivery(webhook);
  return noDelivery("PASSWORD_RESET_WEBHOOK must be an https URL, or an http URL of this machine.");
}

function logDelivery(log: Log): ResetDelivery {
  return {
    send: async (letter: ResetLetter) => log("info", { message: "A password reset, not sent but shown.", ...letter }),
  };
}

function noDelivery(sentence: string): ResetDelivery {
  let isTold = false;
  return {
    async send() {
      if (isTold) return;
      isTold = true;
      throw new ConfigError(sentence);
    },
  };
}

/** Tokens travel over it: in the clear on this machine alone. */
function isSecretUrl(text: unknown): text is string {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url?.protocol === "https:") return true;
  return url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}
