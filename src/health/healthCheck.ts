/** The words of the health+json draft (draft-inadarei-api-health-check-05), in lower case; read in any. */
export type CheckStatus = "pass" | "warn" | "fail";

/** One measurement of one component, as the draft has it. */
export interface HealthCheck {
  readonly componentId: string;
  readonly componentType: "datastore" | "component" | "system";
  readonly status: CheckStatus;
  /** An age in milliseconds; absent where nothing was seen. */
  readonly observedValue?: number;
  readonly observedUnit?: "ms";
  /** When that was measured. */
  readonly time: string;
  /** Why it is not `pass`: a sentence of ours, never a message of anybody else's. Absent on `pass`. */
  readonly output?: string;
  /** Additional keys, which the draft allows: what an operator would ask next. */
  readonly state?: string;
  readonly source?: string;
}

/** By `component:measurement`, each with one element a component. */
export type HealthChecks = Readonly<Record<string, readonly HealthCheck[]>>;

interface Measured extends Pick<HealthCheck, "componentId" | "componentType" | "status"> {
  readonly ageMs?: number | undefined;
  readonly output?: string | undefined;
  readonly state?: string | undefined;
  readonly source?: string | undefined;
}

/** The element for what was measured now, with what the draft asks for. */
export function healthCheck({ ageMs, output, state, source, ...named }: Measured, now: number): HealthCheck {
  return {
    ...named,
    ...(ageMs === undefined ? {} : { observedValue: Math.round(ageMs), observedUnit: "ms" }),
    time: new Date(now).toISOString(),
    ...(output === undefined || named.status === "pass" ? {} : { output }),
    ...(state === undefined ? {} : { state }),
    ...(source === undefined ? {} : { source }),
  };
}
