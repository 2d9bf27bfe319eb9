import { compareEpochs } from "../../replicas/topology.ts";
import type { ProbeSample } from "../../rpc/probing.ts";
import { processOf } from "../bumpKnowledge.ts";
import type { CoverRow } from "./bumpRow.ts";

/** What one look at the nodes brought. */
export interface Round {
  readonly samples: readonly ProbeSample[];
  /** When its questions left. */
  readonly startedAt: number;
  /** Nodes that may prove anything: configured, awake, in rotation. */
  readonly eligible: readonly string[];
}

/**
 * The processes that hold every bump which is no longer live: what they answer proves all that is not asked of them.
 *
 * A bump is forgotten with the place where the primary's log was in the statement that showed it: a commit is on the
 * primary's disk before anybody sees it there, so whoever replayed up to that place holds the bump. Places are compared
 * within one epoch alone; and where a primary answers commits before they are on its disk, no replica proves anything.
 * What was held once by a process is held by it for ever; another process of the same node begins anew.
 */
export class Cover {
  #epoch: string | null;
  #primary: string | null;
  readonly #processes: Map<string, string>;
  #position: string | null;
  #notBefore: number;

  /** `nodes`: those that are configured. `notBefore`: of a cover without a past, since when the primary's log tells of all. */
  constructor(row: CoverRow | undefined, nodes: readonly string[], notBefore: number) {
    this.#epoch = row?.epoch ?? null;
    this.#primary = row?.primary != null && nodes.includes(row.primary) ? row.primary : null;
    this.#processes = new Map(row?.processes);
    this.#position = row?.position ?? null;
    this.#notBefore = row?.notBefore ?? notBefore;
  }

  get row(): CoverRow {
    return {
      epoch: this.#epoch,
      primary: this.#primary,
      processes: this.processes,
      position: this.#position,
      notBefore: this.#notBefore,
    };
  }

  get epoch(): string | null {
    return this.#epoch;
  }

  get primary(): string | null {
    return this.#primary;
  }

  get processes(): [node: string, generation: string][] {
    return [...this.#processes];
  }

  generationOf(node: string): string | undefined {
    return this.#processes.get(node);
  }

  /** Nothing that was proven counts any more: what was forgotten is not known, and may come as late as `notBefore`. */
  reset(notBefore: number): void {
    this.#processes.clear();
    this.#position = null;
    this.#notBefore = notBefore;
  }

  /**
   * Who takes writes in the newest epoch; a new one begins the cover anew. Within one epoch it is who it was: another that
   * claims it is a rival, though he alone should answer. Of two that claim a new one it is neither.
   */
  primaryIn({ samples, startedAt }: Round): {
    readonly primary: ProbeSample | undefined;
    readonly isNewEpoch: boolean;
  } {
    const claimants = samples.filter(({ inRecovery, epoch }) => !inRecovery && epoch !== null);
    const newest = claimants.reduce((best, { epoch }) => (compareEpochs(epoch, best) > 0 ? epoch : best), this.#epoch);
    const holders = claimants.filter(({ epoch }) => epoch === newest);
    const order = compareEpochs(newest, this.#epoch);
    const isKnown = order === 0 && this.#primary !== null;
    const [only, ...others] = isKnown ? holders.filter(({ node }) => node === this.#primary) : holders;
    const primary = others.length === 0 ? only : undefined;
    if (!primary) return { primary, isNewEpoch: false };
    const isNewEpoch = order > 0 && this.#epoch !== null;
    if (isNewEpoch) this.reset(Math.max(this.#notBefore, startedAt));
    this.#epoch = primary.epoch;
    this.#primary = primary.node;
    return { primary, isNewEpoch };
  }

  /** Those leave that are not what they were: another process, another line, asleep, out of rotation. */
  dismiss({ samples, eligible }: Round, primary: ProbeSample | undefined): void {
    for (const [node, generation] of this.processes) {
      const said = samples.find((sample) => sample.node === node);
      const isAnother = said !== undefined && (said.generation !== generation || said.epoch !== this.#epoch);
      const isUsurper = said !== undefined && !said.inRecovery && said !== primary;
      const isUnsure = primary?.mayLose === true && node !== primary.node;
      if (!eligible.includes(node) || isAnother || isUsurper || isUnsure) this.#processes.delete(node);
    }
  }

  leave(node: string): void {
    this.#processes.delete(node);
  }

  /** Those enter that replayed all that was forgotten; the primary, unless his log went back. */
  admit({ samples, startedAt, eligible }: Round, primary: ProbeSample | undefined): void {
    const isComplete = startedAt >= this.#notBefore;
    if (this.#position === null && primary?.mayLose !== true && isComplete) this.#position = primary?.position ?? null;
    for (const sample of samples) {
      const { node, generation, epoch, position } = sample;
      if (generation === null || epoch === null || epoch !== this.#epoch || !eligible.includes(node)) continue;
      const mayEnter = sample.inRecovery
        ? primary?.mayLose !== true && hasReached(position, this.#position)
        : sample === primary && isComplete && (this.#position === null || hasReached(position, this.#position));
      if (mayEnter) this.#processes.set(node, generation);
    }
  }

  /** Something was forgotten that this primary showed: his log has it where it is now, if he answers for that. */
  forgot({ position, mayLose }: ProbeSample): void {
    if (mayLose) this.#position = null;
    else if (!hasReached(this.#position, position)) this.#position = position;
  }

  /** Whether all that are in it are among those. */
  isWithin(seen: ReadonlySet<string>): boolean {
    return this.processes.every(([node, generation]) => seen.has(processOf(node, generation)));
  }
}

/** Whether a log at `position` has all up to `wanted`. Not where either is unknown. */
export function hasReached(position: string | null, wanted: string | null): boolean {
  return position !== null && wanted !== null && BigInt(position) >= BigInt(wanted);
}
