import { describe, expect, test, vi } from "vitest";
import { ConfigError } from "../../../../src/breakwater.ts";
import { chooseResetDelivery } from "../../../../src/marketplace/auth/chooseResetDelivery.ts";
import { webhookDelivery } from "../../../../src/marketplace/auth/webhookDelivery.ts";
import { RESET_WEBHOOK_MS } from "../../../../src/marketplace/constants.ts";

const LETTER = { to: "ada@example.org", name: "Ada", token: "t".repeat(43), expiresAt: "2026-11-01T13:00:00.000Z" };
const SECRET_URL = "https://mail.example/hooks/secret-path";

/** What was thrown, in all that could be shown of it. */
async function thrownBy(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? `${error.message} ${JSON.stringify(error)} ${String(error.cause)}` : "nothing";
}

describe("the delivery of tokens", () => {
  test("is to the log where that was asked for, the token shown", async () => {
    const lines: unknown[] = [];
    const delivery = chooseResetDelivery(
      { PASSWORD_RESET_DELIVERY: "log", PASSWORD_RESET_WEBHOOK: SECRET_URL },
      (...line) => lines.push(line),
    );
    await delivery.send(LETTER);
    expect(lines).toEqual([["info", { message: expect.any(String), ...LETTER }]]);
  });

  test.for([
    [{}, "PASSWORD_RESET_WEBHOOK"],
    [{ PASSWORD_RESET_DELIVERY: "" }, "PASSWORD_RESET_WEBHOOK"],
    [{ PASSWORD_RESET_DELIVERY: "lgo", PASSWORD_RESET_WEBHOOK: SECRET_URL }, "PASSWORD_RESET_DELIVERY"],
    [{ PASSWORD_RESET_WEBHOOK: "mail.example/secret-path" }, "PASSWORD_RESET_WEBHOOK"],
    [{ PASSWORD_RESET_WEBHOOK: "http://mail.example/secret-path" }, "PASSWORD_RESET_WEBHOOK"],
    [{ PASSWORD_RESET_WEBHOOK: 7 }, "PASSWORD_RESET_WEBHOOK"],
  ] as const)("tells once what is missing or wrong, and shows no value: %j", async ([env, name]) => {
    const lines: unknown[] = [];
    const delivery = chooseResetDelivery(env, (...line) => lines.push(line));
    const first = delivery.send(LETTER);
    await expect(first).rejects.toThrow(ConfigError);
    expect(await thrownBy(first)).toContain(name);
    expect(await thrownBy(first)).not.toMatch(/secret-path|ttt|lgo/);
    await expect(delivery.send(LETTER)).resolves.toBeUndefined();
    expect(lines).toEqual([]);
  });

  test("is by webhook otherwise: the letter as JSON, to that address and no further", async () => {
    const send = vi.fn<typeof fetch>(async () => new Response("taken", { status: 202 }));
    await webhookDelivery(SECRET_URL, send).send(LETTER);
    const [url, init] = send.mock.calls[0] ?? [];
    expect(url).toBe(SECRET_URL);
    expect(init).toMatchObject({ method: "POST", redirect: "manual", headers: { "Content-Type": "application/json" } });
    expect(JSON.parse(String(init?.body))).toEqual(LETTER);
  });

  test.for([
    ["answers 500", async () => new Response(LETTER.token, { status: 500 }), "answered 500"],
    [
      "redirects",
      async () => new Response(null, { status: 302, headers: { Location: "https://b.example" } }),
      "answered 302",
    ],
    ["is away", () => Promise.reject(new Error(`no such host: ${SECRET_URL} ${LETTER.token}`)), "could not be reached"],
  ] as const)("that %s is told, without the token and the address", async ([, send, words]) => {
    const thrown = await thrownBy(webhookDelivery(SECRET_URL, send).send(LETTER));
    expect(thrown).toContain(words);
    expect(thrown).not.toMatch(/ttt|secret-path/);
  });

  test("is given up when the webhook does not answer in time", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => AbortSignal.abort());
    try {
      const hanging: typeof fetch = (_, init) => Promise.reject(init?.signal?.reason);
      expect(await thrownBy(webhookDelivery(SECRET_URL, hanging).send(LETTER))).toContain("did not answer within 3 s");
      expect(timeout).toHaveBeenCalledWith(RESET_WEBHOOK_MS);
    } finally {
      timeout.mockRestore();
    }
  });
});
