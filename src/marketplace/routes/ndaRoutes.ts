import { ProblemError, type Route, uuidv7 } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { NDA_MS } from "../constants.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import type { NdaRequestRow } from "../queries/ndaRequestRow.ts";
import { listNdaRequests, ndaRequestById } from "../queries/ndaRequests.ts";
import { approveNda, declineNda, lockNda, openNdaRequest } from "../queries/ndas.ts";
import { route } from "../route.ts";
import {
  ndaDecisionSchema,
  ndaRequestIdSchema,
  ndaRequestListSchema,
  ndaRequestPageSchema,
  ndaRequestSchema,
  newNdaRequestSchema,
} from "../schemas/ndaSchemas.ts";
import { pitchIdSchema } from "../schemas/pitchSchemas.ts";
import { committed } from "./committed.ts";
import { factsOf } from "./factsOf.ts";
import { ndaRequestItem } from "./ndaRequestItem.ts";
import { ownTags } from "./ownTags.ts";

/** An investor or a production company asks for an NDA, the pitch's creator decides. */
export const ndaRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/pitches/:id/nda-requests",
    summary: "Asks the creator of a pitch for an NDA",
    access: "signed-in",
    idempotent: true,
    params: pitchIdSchema,
    body: newNdaRequestSchema,
    answers: { 201: ndaRequestSchema },
    problems: ["not-found", "forbidden", "nda-open", "nda-in-force"],
    handle: async ({ account, body: { message }, database, idempotency, now, params: { id: pitchId } }) => {
      const facts = await factsOf(database, pitchId);
      permit(account, { to: "request-nda", pitch: facts });
      const createdMs = now();
      const id = uuidv7(createdMs);
      const request = { id, pitchId, requesterId: account.id, message, createdMs, ...idsOfTraces(createdMs) };
      const done = await database.write([lockNda(pitchId, account.id), openNdaRequest(request)], {
        tags: tagsOf(pitchId, account.id, facts.creatorId),
        result: ndaRequestById(id),
        ...(idempotency && { idempotency }),
      });
      if (done.kind === "violated" && done.constraint === "nda_requests_open_key") throw new ProblemError("nda-open");
      const { result } = committed(done);
      if (result) return { status: 201, body: ndaRequestItem(result) };
      // The statement made nothing: an NDA is in force, unless the pitch went away a moment ago.
      permit(account, { to: "request-nda", pitch: await factsOf(database, pitchId) });
      throw new ProblemError("nda-in-force");
    },
  }),
  route({
    method: "GET",
    path: "/api/nda-requests",
    summary: "Requests for NDAs that you were asked, or asked, newest first",
    access: "signed-in",
    query: ndaRequestListSchema,
    answers: { 200: ndaRequestPageSchema },
    handle: async ({ account, database, freshness, query: { box, status, cursor, limit } }) => {
      const list = { id: ["nda-requests", box, status].join("\u0000"), kind: "time" as const, limit };
      const after = positionOf(list, cursor);
      const found = listNdaRequests({ box, userId: account.id, status, page: { after, limit } });
      const { rows } = await database.read(found, { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.created_at, show: ndaRequestItem }) };
    },
  }),
  route({
    method: "POST",
    path: "/api/nda-requests/:id/decision",
    summary: "Approves or declines a request for an NDA; the same decision again answers the same",
    access: "signed-in",
    idempotent: true,
    params: ndaRequestIdSchema,
    body: ndaDecisionSchema,
    answers: { 200: ndaRequestSchema },
    problems: ["not-found", "forbidden", "nda-decided"],
    handle: async ({ account, body: { decision }, database, idempotency, now, params: { id } }) => {
      const { rows } = await database.read(ndaRequestById(id), { freshness: "strict" });
      const [request] = rows;
      if (!request) throw new ProblemError("not-found");
      const { creator_id: creatorId, requester_id: requesterId, pitch_id: pitchId } = request;
      permit(account, { to: "decide-nda", request: { creatorId, requesterId } });
      const done = await database.write([lockNda(pitchId, requesterId), decisionOf(decision, id, account.id, now())], {
        tags: tagsOf(pitchId, account.id, requesterId),
        result: ndaRequestById(id),
        ...(idempotency && { idempotency }),
      });
      const { result } = committed(done);
      if (!result) throw new ProblemError("not-found");
      return { status: 200, body: decidedAs(decision, result) };
    },
  }),
];

type Verb = "approve" | "decline";

function decisionOf(verb: Verb, requestId: string, creatorId: string, decidedMs: number) {
  const decision = { requestId, creatorId, decidedMs, ...idsOfTraces(decidedMs) };
  if (verb === "decline") return declineNda(decision);
  return approveNda({ ...decision, ndaId: uuidv7(decidedMs), expiresMs: decidedMs + NDA_MS });
}

/** The request, if it was decided like this: by whoever asks now, or before. */
function decidedAs(verb: Verb, request: NdaRequestRow) {
  const wanted = verb === "approve" ? "approved" : "declined";
  if (request.status !== wanted) throw new ProblemError("nda-decided", { detail: `The request is ${request.status}.` });
  return ndaRequestItem(request);
}

function idsOfTraces(ms: number) {
  return { notificationId: uuidv7(ms), traceId: uuidv7(ms) };
}

function tagsOf(pitchId: string, userId: string, otherId: string): readonly string[] {
  return [`pitch:${pitchId}`, `user:${otherId}`, ...ownTags(userId)];
}
