import * as z from "zod/mini";
import { SHORT_LIST_ROWS } from "./constants.ts";

/** One node of a plan that ran, with what it read itself. */
interface PlanNode {
  /** As EXPLAIN names it: `Index Scan`, `Sort`, `ModifyTable`. */
  readonly kind: string;
  readonly relation: string | undefined;
  readonly index: string | undefined;
  /** Shared buffers, hit or read, without those of its children. */
  readonly buffers: number;
}

const nodeSchema = z.looseObject({
  "Node Type": z.string(),
  "Relation Name": z.optional(z.string()),
  "Index Name": z.optional(z.string()),
  "Shared Hit Blocks": z._default(z.number(), 0),
  "Shared Read Blocks": z._default(z.number(), 0),
  "WAL Bytes": z._default(z.number(), 0),
  /** Of one loop, mean. */
  "Actual Rows": z._default(z.number(), 0),
  "Actual Loops": z._default(z.number(), 1),
  get Plans(): z.ZodMiniOptional<z.ZodMiniArray<typeof nodeSchema>> {
    return z.optional(z.array(nodeSchema));
  },
});

type RawNode = z.infer<typeof nodeSchema>;

const explainedSchema = z.tuple([z.looseObject({ Plan: nodeSchema, "Execution Time": z.number() })]);

/** What EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT JSON) answered. */
export interface Plan {
  readonly nodes: readonly PlanNode[];
  readonly buffers: number;
  /** Of those, what finding its rows took: without writing them, and their entries in every index. */
  readonly findingBuffers: number;
  readonly walBytes: number;
  readonly ms: number;
  /** It sorted more rows than it gave: an index in the right order would have ended early. A short list may be sorted. */
  readonly isSorted: boolean;
}

/** Reads EXPLAIN's JSON. @throws where it is none. */
export function parsePlan(json: unknown): Plan {
  const [{ Plan, "Execution Time": ms }] = explainedSchema.parse(json);
  const nodes = flatten(Plan);
  const scans = nodes.filter(({ kind, relation }) => relation !== undefined && kind !== "ModifyTable");
  return {
    nodes,
    findingBuffers: sumOf(scans),
    // Summed by node: what a WITH that nobody reads writes runs after the root has been closed, and is not in its count.
    buffers: sumOf(nodes),
    walBytes: walOf(Plan),
    ms,
    isSorted: sortsInVain(Plan),
  };
}

function flatten(node: RawNode, heap?: string): PlanNode[] {
  const children = node.Plans ?? [];
  const ofChildren = children.reduce((sum, child) => sum + buffersOf(child), 0);
  const kind = node["Node Type"];
  // Those of a bitmap name the index alone: their table is that of the heap scan above them.
  const relation = node["Relation Name"] ?? (kind.startsWith("Bitmap") ? heap : undefined);
  const own: PlanNode = {
    kind,
    relation,
    index: node["Index Name"],
    buffers: Math.max(0, buffersOf(node) - ofChildren),
  };
  return [own, ...children.flatMap((child) => flatten(child, relation))];
}

function sortsInVain(node: RawNode): boolean {
  const children = node.Plans ?? [];
  const rowsOf = (of: RawNode) => of["Actual Rows"] * of["Actual Loops"];
  const isSort = node["Node Type"] === "Sort" || node["Node Type"] === "Incremental Sort";
  const mayRead = Math.max(SHORT_LIST_ROWS, Math.round(rowsOf(node)));
  if (isSort && children.some((child) => Math.round(rowsOf(child)) > mayRead)) return true;
  return children.some(sortsInVain);
}

function sumOf(nodes: readonly PlanNode[]): number {
  return nodes.reduce((sum, { buffers }) => sum + buffers, 0);
}

function buffersOf(node: RawNode): number {
  return node["Shared Hit Blocks"] + node["Shared Read Blocks"];
}

function walOf(node: RawNode): number {
  const ofChildren = (node.Plans ?? []).reduce((sum, child) => sum + walOf(child), 0);
  return Math.max(node["WAL Bytes"], ofChildren);
}
