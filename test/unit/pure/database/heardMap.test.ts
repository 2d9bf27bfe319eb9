import { afterEach, describe, expect, test, vi } from "vitest";
import { locatePrimary } from "../../../../src/database/locatePrimary.ts";
import type { ReplicasPart } from "../../../../src/rpc/parts.ts";
import { replicasPart } from "../exchange/parts.ts";
import { answerOf, bed, primaryOf, REPLICA, THREE } from "./bed.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** The world's map arrives, drawn just now. */
function hear(made: ReturnType<typeof bed>, part: Partial<ReplicasPart>): void {
  const now = Date.now();
  const nodes = (part.nodes ?? []) as ReplicasPart["nodes"];
  made.state.view.adopt({ replicas: replicasPart({ sampleAgeMs: 0, ...part, nodes }) }, 0, now);
  made.state.heardMap(now);
}

const mapOf = (primary: string, epoch: string) => ({ primary, databaseEpoch: epoch, newestEpoch: epoch });

/** A node of the map; `out`: why it is in no rotation. */
const node = (name: string, role: "primary" | "replica" | "unknown", out?: string) => ({
  node: name,
  role,
  lagBoundMs: null,
  position: null,
  latencyMs: null,
  generation: null,
  reasons: out === undefined ? [] : [`out of rotation: ${out}`],
  isOut: out !== undefined,
});

describe("the world's map", () => {
  test("tells an isolate that asked nobody who is primary", async () => {
    const made = bed({ roles: { ...THREE } });
    hear(made, mapOf("a", "2"));
    expect(await answerOf(locatePrimary(made.scope))).toEqual({ node: "a", epoch: "2" });
    expect(made.asked).toEqual([]);
  });

  test("of a primary that is not configured here leaves the isolate its own", async () => {
    const made = bed({ roles: { ...THREE } });
    hear(made, mapOf("of-another-version", "2"));
    expect(await answerOf(locatePrimary(made.scope))).toEqual({ node: "p", epoch: "1" });
  });

  test("that knows of no epoch as new as one met here does not bring back the old primary", async () => {
    const made = bed({ roles: { p: REPLICA, a: primaryOf("10"), b: REPLICA } });
    await answerOf(locatePrimary(made.scope));
    vi.advanceTimersByTime(1_000);
    hear(made, mapOf("p", "9"));
    expect(await answerOf(locatePrimary(made.scope))).toEqual({ node: "a", epoch: "10" });
  });

  test("is not believed against a later search of the isolate's own, unless it knows of a later epoch", async () => {
    const made = bed({ roles: { ...THREE } });
    await answerOf(locatePrimary(made.scope));
    hear(made, { ...mapOf("a", "1"), sampleAgeMs: 1_000 });
    expect(await answerOf(locatePrimary(made.scope))).toEqual({ node: "p", epoch: "1" });
    hear(made, { ...mapOf("a", "2"), version: 9, sampleAgeMs: 1_000 });
    expect(await answerOf(locatePrimary(made.scope))).toEqual({ node: "a", epoch: "2" });
  });

  test("is believed after the clock was set back by an hour, whatever an hour from now was asked", async () => {
    const made = bed({ roles: { ...THREE } });
    await answerOf(locatePrimary(made.scope));
    vi.setSystemTime(Date.now() - 3_600_000);
    hear(made, { ...mapOf("a", "1"), sampleAgeMs: 1_000 });
    expect(made.state.topology.primary).toBe("a");
  });

  test("that knows of an epoch ends the belief that there is no schema to prove anything with", () => {
    const lines = vi.spyOn(console, "error").mockImplementation(() => {});
    const made = bed({ roles: { ...THREE } });
    made.state.withoutProofs();
    hear(made, { primary: "p", trouble: "not-installed" });
    expect(made.state.lacksProofs).toBe(true);
    hear(made, { ...mapOf("p", "1"), version: 2 });
    expect(made.state.lacksProofs).toBe(false);
    made.state.withoutProofs();
    expect([made.state.lacksProofs, lines.mock.calls.length]).toEqual([true, 1]); // a replica lags: said once all the same
    lines.mockRestore();
  });

  test("that is old no longer keeps a laggard out, but whoever is drained or of another line", () => {
    const made = bed({ roles: { ...THREE } });
    const isOut = () => made.state.candidates(Date.now()).map((each) => each.isOut);
    hear(made, {
      ...mapOf("p", "2"),
      nodes: [node("p", "primary"), node("a", "replica", "other line"), node("b", "replica", "too far behind")],
    });
    expect(isOut()).toEqual([false, true, true]);
    vi.advanceTimersByTime(60_001);
    expect(isOut()).toEqual([false, true, false]);
  });

  test("of which a node is missing, or unknown in it, has that one read from last", () => {
    const made = bed({ roles: { ...THREE } });
    const isOut = () => made.state.candidates(Date.now()).map((each) => each.isOut);
    expect(isOut()).toEqual([false, false, false]); // nobody knows anything yet
    hear(made, { ...mapOf("a", "2"), nodes: [node("p", "unknown"), node("a", "primary")] });
    expect(isOut()).toEqual([true, false, true]);
  });
});
