import type { IndexState } from "./state.ts";

/** A state, for a table or a line. */
export function stateText(state: IndexState): string {
  switch (state.kind) {
    case "skipped":
      return `skipped: ${state.reason}`;
    case "absent":
      return "absent";
    case "building":
      return `being built or dropped by pid ${state.busy.pid} (${state.busy.command})`;
    case "leftover":
      return `a leftover of an interrupted build${state.rejectsWrites ? ", and it rejects writes (23505)" : state.isReady ? ", paid for by every write" : ""}`;
    case "half-dropped":
      return "half dropped: a drop was interrupted";
    case "valid-same":
      return "valid";
    case "valid-different":
      return "valid, with another definition";
    case "taken":
      return `its name belongs to ${state.by}`;
    default:
      return state satisfies never;
  }
}
