import * as z from "zod/mini";
import { lastSeenAt } from "../health/nodeHealth.ts";
import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import { type GaugeSample, nodeStateGauges } from "../telemetry/nodeStateGauges.ts";
import { askOwner } from "./askOwner.ts";
import { replicaGauges } from "./replicaGauges.ts";
import type { CollectorTotals } from "./worldTotals.ts";

const MS = 1_000;

const cronsSchema = z.object({
  crons: z.array(z.object({ cron: z.string(), lastSuccessAgoMs: z.nullable(z.number()) })),
});

/** What is true at the moment of a scrape, from the view, this isolate and the journal of crons. */
export async function gauges(
  state: IsolateState,
  collectors: readonly CollectorTotals[],
  version: string,
): Promise<GaugeSample[]> {
  const now = Date.now();
  const oldest = Math.max(0, ...collectors.map(({ checkpointAgeMs }) => checkpointAgeMs ?? 0));
  const [crons, replicas] = await Promise.all([cronGauges(state, now), replicaGauges(state)]);
  const reporters = collectors.reduce((sum, each) => sum + each.reporters, 0);
  return [
    { name: "breakwater_build_info", labels: { version }, value: 1 },
    { name: "breakwater_reporters", labels: {}, value: reporters },
    { name: "breakwater_telemetry_checkpoint_age_seconds", labels: {}, value: oldest / MS },
    ...nodeGauges(state, now),
    ...viewGauges(state, now),
    ...runwayGauges(state, now),
    ...crons,
    ...replicas,
  ];
}

function nodeGauges({ database }: IsolateState, now: number): GaugeSample[] {
  return database.nodes.flatMap(({ name }): GaugeSample[] => {
    const role = database.topology.roles.get(name) ?? "unknown";
    const evidence = database.joinedEvidence(name, now);
    const isUp = evidence.lastSuccessAt !== undefined && evidence.lastSuccessAt === lastSeenAt(evidence);
    const lagMs = database.view.replicas?.part.nodes.find((node) => node.node === name)?.lagBoundMs;
    const shownRole = role === "rival" ? "unknown" : role;
    return [
      ...nodeStateGauges(name, database.breakers.effective(name, now).state),
      { name: "breakwater_node_up", labels: { node: name, role: shownRole }, value: isUp ? 1 : 0 },
      ...(typeof lagMs === "number" && role === "replica"
        ? [{ name: "breakwater_replica_lag_seconds", labels: { node: name }, value: lagMs / MS } as const]
        : []),
    ];
  });
}

function viewGauges({ database: { view } }: IsolateState, now: number): GaugeSample[] {
  return (["breaker", "replicas", "bumps"] as const).flatMap((part): GaugeSample[] => {
    const held = view[part];
    return held ? [{ name: "breakwater_view_age_seconds", labels: { part }, value: ageOf(held, now) / MS }] : [];
  });
}

function runwayGauges({ database: { view } }: IsolateState, now: number): GaugeSample[] {
  const held = view.bumps;
  const told = held?.part.runway;
  if (!held || !told) return [];
  const leftS = told.ms === null ? undefined : Math.max(0, told.ms - ageOf(held, now)) / MS;
  return [
    { name: "breakwater_cache_hot_keys", labels: {}, value: told.keys },
    ...(leftS === undefined ? [] : [{ name: "breakwater_cache_runway_seconds", labels: {}, value: leftS } as const]),
  ];
}

async function cronGauges(state: IsolateState, now: number): Promise<GaugeSample[]> {
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.runs()));
  const read = cronsSchema.safeParse(word.said);
  if (!read.success) return [];
  return read.data.crons.flatMap(({ cron, lastSuccessAgoMs }): GaugeSample[] =>
    lastSuccessAgoMs === null
      ? []
      : [
          {
            name: "breakwater_cron_last_success_timestamp_seconds",
            labels: { cron },
            value: Math.round((now - lastSuccessAgoMs) / MS),
          },
        ],
  );
}
