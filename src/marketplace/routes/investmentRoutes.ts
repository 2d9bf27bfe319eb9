import { ProblemError, type Route, uuidv7 } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import {
  investmentById,
  listInvestments,
  setInvestment,
  setInvestmentState,
  standingInvestment,
} from "../queries/investments.ts";
import { route } from "../route.ts";
import {
  investmentIdSchema,
  investmentPageSchema,
  investmentSchema,
  investmentStateSchema,
  newInvestmentSchema,
} from "../schemas/investmentSchemas.ts";
import { pageSchema } from "../schemas/pageSchema.ts";
import { pitchIdSchema } from "../schemas/pitchSchemas.ts";
import { committed } from "./committed.ts";
import { factsOf } from "./factsOf.ts";
import { investmentItem } from "./investmentItem.ts";
import { ownTags } from "./ownTags.ts";

/** An investor names an amount and may withdraw; the pitch's creator moves it on. */
export const investmentRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/pitches/:id/investments",
    summary: "Shows interest in a pitch with an amount; another amount changes the interest that stands",
    access: "signed-in",
    idempotent: true,
    params: pitchIdSchema,
    body: newInvestmentSchema,
    answers: { 200: investmentSchema, 201: investmentSchema },
    problems: ["not-found", "forbidden"],
    handle: async ({ account, body: { amount }, database, idempotency, now, params: { id: pitchId } }) => {
      const facts = await factsOf(database, pitchId);
      permit(account, { to: "invest", pitch: facts });
      const nowMs = now();
      const [id, notificationId, investorId] = [uuidv7(nowMs), uuidv7(nowMs), account.id];
      const statement = setInvestment({ id, pitchId, investorId, amount, notificationId, nowMs });
      const done = await database.write([statement], {
        tags: tagsOf(pitchId, investorId, facts.creatorId),
        result: standingInvestment(id, pitchId, investorId),
        ...(idempotency && { idempotency }),
      });
      const { result } = committed(done);
      if (!result) throw new ProblemError("not-found");
      return { status: result.is_new ? 201 : 200, body: investmentItem(result) };
    },
  }),
  route({
    method: "GET",
    path: "/api/me/investments",
    summary: "Investments in your pitches if you are a creator, your own if you are not; newest first",
    access: "signed-in",
    query: pageSchema,
    answers: { 200: investmentPageSchema },
    handle: async ({ account, database, freshness, query: { cursor, limit } }) => {
      const party = account.role === "creator" ? "creator" : "investor";
      const list = { id: `investments\u0000${party}`, kind: "time" as const, limit };
      const after = positionOf(list, cursor);
      const { rows } = await database.read(listInvestments(party, account.id, { after, limit }), { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.created_at, show: investmentItem }) };
    },
  }),
  route({
    method: "POST",
    path: "/api/investments/:id/state",
    summary: "Moves an investment on: its pitch's creator interested, negotiating or committed, its investor withdrawn",
    access: "signed-in",
    idempotent: true,
    params: investmentIdSchema,
    body: investmentStateSchema,
    answers: { 200: investmentSchema },
    problems: ["not-found", "forbidden", "investment-withdrawn"],
    handle: async ({ account, body: { state }, database, idempotency, now, params: { id } }) => {
      const { rows } = await database.read(investmentById(id), { freshness: "strict" });
      const [investment] = rows;
      if (!investment) throw new ProblemError("not-found");
      const { creator_id: creatorId, investor_id: investorId, pitch_id: pitchId } = investment;
      permit(account, { to: "set-investment-state", investment: { creatorId, investorId }, state });
      const nowMs = now();
      const [party, otherId] =
        account.id === creatorId ? (["creator", investorId] as const) : (["investor", creatorId] as const);
      const change = { id, userId: account.id, party, state, notificationId: uuidv7(nowMs), nowMs };
      const done = await database.write([setInvestmentState(change)], {
        tags: tagsOf(pitchId, account.id, otherId),
        result: investmentById(id),
        ...(idempotency && { idempotency }),
      });
      const { result } = committed(done);
      if (!result) throw new ProblemError("not-found");
      if (result.state !== state) throw new ProblemError("investment-withdrawn");
      return { status: 200, body: investmentItem(result) };
    },
  }),
];

function tagsOf(pitchId: string, userId: string, otherId: string): readonly string[] {
  return [`pitch:${pitchId}`, `user:${otherId}`, ...ownTags(userId)];
}
