import { NDA_MS } from "../../../src/marketplace/constants.ts";
import type { NdaStatus } from "../../../src/marketplace/lists.ts";
import {
  investmentById,
  listInvestments,
  setInvestment,
  setInvestmentState,
  standingInvestment,
} from "../../../src/marketplace/queries/investments.ts";
import { listNdaRequests, ndaRequestById } from "../../../src/marketplace/queries/ndaRequests.ts";
import { approveNda, declineNda, lockNda, openNdaRequest } from "../../../src/marketplace/queries/ndas.ts";
import { type Sample, samplesOf } from "../sample.ts";
import type { Spread } from "../samples/ask.ts";
import type { Samples } from "../samples.ts";
import { FIRST_PAGE, freshId } from "./fresh.ts";
import { ownedList } from "./people.ts";

/** NDAs and money. */
export function agreementReads({ agreements }: Samples): readonly Sample[] {
  const { asked, asking, pending, investor, investedIn, standing } = agreements;
  return [
    ...samplesOf({ common: ndaRequestById(pending.id) }),
    ...ownedList(asked, (userId, page) => listNdaRequests({ box: "in", userId, status: undefined, page }), "in"),
    ...ownedList(asking, (userId, page) => listNdaRequests({ box: "out", userId, status: undefined, page }), "out"),
    ...inStatus("in", asked.owners),
    ...inStatus("out", asking.owners),
    ...samplesOf({ common: investmentById(standing.id) }),
    ...samplesOf({ common: standingInvestment(standing.id, standing.pitchId, standing.investorId) }),
    ...ownedList(investor, (userId, page) => listInvestments("investor", userId, page), "investor"),
    ...ownedList(investedIn, (userId, page) => listInvestments("creator", userId, page), "creator"),
  ];
}

/** What they write. */
export function agreementWrites({ agreements, security, pitches }: Samples): readonly Sample[] {
  const { nowMs } = security;
  const { pending, inForce, standing, asking } = agreements;
  const id = freshId(nowMs);
  const notificationId = freshId(nowMs);
  const traceId = freshId(nowMs);
  const decision = { requestId: pending.id, creatorId: pending.creatorId, notificationId, traceId, decidedMs: nowMs };
  const pitchId = pitches.published.rare.id;
  const requesterId = asking.owners.rare;
  const move = { id: standing.id, state: "negotiating", notificationId, nowMs } as const;
  return [
    ...samplesOf({ common: lockNda(inForce.pitchId, inForce.userId) }),
    ...samplesOf({
      common: openNdaRequest({ id, pitchId, requesterId, message: "", notificationId, traceId, createdMs: nowMs }),
    }),
    ...samplesOf({ common: declineNda(decision) }),
    ...samplesOf({ common: approveNda({ ...decision, ndaId: id, expiresMs: nowMs + NDA_MS }) }),
    ...samplesOf({
      common: setInvestment({
        id,
        pitchId: standing.pitchId,
        investorId: standing.investorId,
        amount: 1,
        notificationId,
        nowMs,
      }),
      rare: setInvestment({ id, pitchId, investorId: requesterId, amount: 1, notificationId, nowMs }),
    }),
    ...samplesOf({ common: setInvestmentState({ ...move, userId: standing.creatorId, party: "creator" }) }, "creator"),
    ...samplesOf(
      { common: setInvestmentState({ ...move, userId: standing.investorId, party: "investor" }) },
      "investor",
    ),
  ];
}

/** `in+status` and `out+status`: the status that most have, and one that few have. */
function inStatus(box: "in" | "out", { common, rare }: Spread<string>): readonly Sample[] {
  const list = (userId: string, status: NdaStatus) => listNdaRequests({ box, userId, status, page: FIRST_PAGE });
  return [
    ...samplesOf({ common: list(common, "approved"), rare: list(common, "withdrawn") }, `${box}+status`),
    ...samplesOf({ none: list(rare, "withdrawn") }, `${box}+status`),
  ];
}
