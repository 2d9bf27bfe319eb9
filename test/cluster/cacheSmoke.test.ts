import { afterAll, beforeAll, it } from "vitest";
import { signUp, clientOf, PITCH } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem(300);
}, 120_000);
afterAll(() => system.stop());

it("smoke", async () => {
  const url = system.worker.url;
  const get = async (path: string) => {
    const r = await fetch(url + path);
    const body = await r.text();
    console.log(path, r.status, ["cache-status", "age", "etag", "cache-control", "cdn-cache-control", "server-timing", "breakwater-route"].map((h) => `${h}: ${r.headers.get(h)}`).join(" | "), body.length);
    return { r, body };
  };
  const admin = async () => {
    const r = await fetch(`${url}/admin/cache`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    console.log("admin", (await r.text()).slice(0, 1500));
  };
  for (let n = 0; n < 4; n++) { await get("/api/pitches?genre=drama"); await new Promise((r) => setTimeout(r, 1000)); }
  await admin();
  await new Promise((r) => setTimeout(r, 6000));
  await get("/api/pitches?genre=drama");
  await new Promise((r) => setTimeout(r, 500));
  await get("/api/pitches?genre=drama");
  await admin();
  const send = clientOf(url);
  try {
    const author = await signUp(send);
    const made = await send("/api/pitches", { token: author.token, json: PITCH });
    await send(`/api/pitches/${made.body.id}/publish`, { method: "POST", token: author.token });
  } catch (error) { console.log(String(error).slice(0, 800)); }
  for (let n = 0; n < 6; n++) { await get("/api/pitches?genre=drama"); await new Promise((r) => setTimeout(r, 400)); }
  await admin();
  await new Promise((r) => setTimeout(r, 3000));
  await get("/api/pitches?genre=drama");
  await admin();
  const w = await fetch(`${url}/api/cache/warm`, { method: "POST", headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" }, body: JSON.stringify({ paths: ["/api/pitches", "/api/me", "/api/pitches/search?q=star", "/nope"] }) });
  console.log(w.status, await w.text());
}, 120_000);
