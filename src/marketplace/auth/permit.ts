import { ProblemError } from "../../breakwater.ts";
import type { InvestmentState, Role, Status } from "../lists.ts";

/** Who asks, as far as it matters for what they may do. */
export interface Asker {
  readonly id: string;
  readonly role: Role;
}

/** What a permission hangs on, of a pitch. */
export interface PitchFacts {
  readonly creatorId: string;
  readonly status: Status;
}

/** What somebody wants to do, with the facts that decide it. */
export type Wish =
  | { readonly to: "see-pitch" | "change-pitch" | "request-nda" | "invest"; readonly pitch: PitchFacts }
  | { readonly to: "see-full-pitch"; readonly pitch: PitchFacts; readonly hasNda: boolean }
  | { readonly to: "decide-nda"; readonly request: { readonly creatorId: string; readonly requesterId: string } }
  | {
      readonly to: "set-investment-state";
      readonly investment: { readonly creatorId: string; readonly investorId: string };
      readonly state: InvestmentState;
    }
  | { readonly to: "read-thread"; readonly participants: readonly string[] }
  | { readonly to: "follow" | "write-to" | "end-session"; readonly accountId: string }
  | { readonly to: "see-dashboard" };

/** `hidden`: whoever asks must not learn that it exists. */
export type Verdict = "yes" | "hidden" | { readonly forbidden: string };

/**
 * Every decision of who may do what; routes bring the facts and obey. Whether somebody must be signed in at all is the
 * route's `access`; `null` is a visitor.
 */
export function verdict(who: Asker | null, wish: Wish): Verdict {
  switch (wish.to) {
    case "see-pitch":
      return isVisible(who, wish.pitch) ? "yes" : "hidden";
    case "change-pitch":
      if (owns(who, wish.pitch)) return "yes";
      return isVisible(who, wish.pitch) ? { forbidden: "Only its creator can change a pitch." } : "hidden";
    case "see-full-pitch":
      if (owns(who, wish.pitch)) return "yes";
      if (!isVisible(who, wish.pitch)) return "hidden";
      return wish.hasNda ? "yes" : { forbidden: "The full pitch is for those with an NDA in force: ask for one." };
    case "request-nda":
      if (!isVisible(who, wish.pitch)) return "hidden";
      if (owns(who, wish.pitch)) return { forbidden: "Its creator needs no NDA." };
      return who?.role === "creator" ? { forbidden: "NDAs are for investors and production companies." } : "yes";
    case "invest":
      if (!isVisible(who, wish.pitch)) return "hidden";
      if (owns(who, wish.pitch)) return { forbidden: "Nobody can invest in their own pitch." };
      return who?.role === "investor" ? "yes" : { forbidden: "Only investors can show interest with an amount." };
    case "decide-nda":
      if (who?.id === wish.request.creatorId) return "yes";
      return who?.id === wish.request.requesterId ? { forbidden: "Only the pitch's creator decides." } : "hidden";
    case "set-investment-state":
      if (who?.id === wish.investment.investorId) {
        return wish.state === "withdrawn" ? "yes" : { forbidden: "An investor can only withdraw." };
      }
      if (who?.id !== wish.investment.creatorId) return "hidden";
      return wish.state === "withdrawn" ? { forbidden: "Only the investor can withdraw." } : "yes";
    case "read-thread":
      return who !== null && wish.participants.includes(who.id) ? "yes" : "hidden";
    case "follow":
      return who?.id === wish.accountId ? { forbidden: "Nobody can follow themselves." } : "yes";
    case "write-to":
      return who?.id === wish.accountId ? { forbidden: "Nobody can write to themselves." } : "yes";
    case "end-session":
      return who?.id === wish.accountId ? "yes" : "hidden";
    case "see-dashboard":
      return who?.role === "creator" ? "yes" : { forbidden: "Only creators have a dashboard." };
    default:
      return wish satisfies never;
  }
}

/** Goes on, or throws the problem `not-found` or `forbidden`. */
export function permit(who: Asker | null, wish: Wish): void {
  const decided = verdict(who, wish);
  if (decided === "yes") return;
  if (decided === "hidden") throw new ProblemError("not-found");
  throw new ProblemError("forbidden", { detail: decided.forbidden });
}

function owns(who: Asker | null, { creatorId }: PitchFacts): boolean {
  return who?.id === creatorId;
}

function isVisible(who: Asker | null, pitch: PitchFacts): boolean {
  return pitch.status === "published" || owns(who, pitch);
}
