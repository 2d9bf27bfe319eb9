import { CATALOGUE, type GaugeName, type LabelsOf } from "./catalogue.ts";

/** A gauge as it stands at the moment of a scrape. */
export type GaugeSample = {
  readonly [Name in GaugeName]: { readonly name: Name; readonly labels: LabelsOf<Name>; readonly value: number };
}[GaugeName];

type NodeState = LabelsOf<"breakwater_node_state">["state"];

/** A node's state as Prometheus wants it: 1 for the state it is in, 0 for each of the others. */
export function nodeStateGauges(node: string, current: NodeState): GaugeSample[] {
  return CATALOGUE.breakwater_node_state.labels.state.map((state) => ({
    name: "breakwater_node_state",
    labels: { node, state },
    value: state === current ? 1 : 0,
  }));
}
