import type { ProblemKind } from "../breakwater.ts";
import { MAX_DOCUMENTS } from "./constants.ts";

/** The problems that are the marketplace's own, besides the core's. */
export const problems: Readonly<Record<string, ProblemKind>> = {
  "email-taken": {
    status: 409,
    title: "This e-mail address has an account already",
    meaning:
      "Somebody registered with this address before; capital and small letters count as the same. Sign in with it, or register with another address.",
  },
  "invalid-credentials": {
    status: 401,
    title: "The e-mail address or the password is wrong",
    meaning:
      "No account has this address and this password. Which of the two is wrong is never said, not even by the time the answer takes.",
  },
  "reset-token-invalid": {
    status: 400,
    title: "This token sets no password",
    meaning:
      "The token was used before, is more than an hour old, or never was. Ask for another one with `POST /api/auth/password-reset`.",
  },
  "nda-open": {
    status: 409,
    title: "You asked for an NDA already",
    meaning: "Your request for this pitch is pending: its creator has not decided. Wait for the notification.",
  },
  "nda-in-force": {
    status: 409,
    title: "You have an NDA already",
    meaning:
      "An NDA of yours for this pitch is in force, so you can read the full pitch: `GET /api/pitches/<id>/full`.",
  },
  "nda-decided": {
    status: 409,
    title: "The request was decided otherwise",
    meaning:
      "A decision stands, and cannot be turned into another one. `detail` says which it was; the requester may ask again.",
  },
  "too-many-documents": {
    status: 409,
    title: "The pitch has as many documents as it can have",
    meaning: `A pitch has at most ${MAX_DOCUMENTS} documents. Delete one first.`,
  },
  "document-stored": {
    status: 409,
    title: "This is a document already",
    meaning:
      "A document with this `storageKey` exists, here or at another pitch. Store the bytes under a key of their own.",
  },
  "investment-withdrawn": {
    status: 409,
    title: "The investor has withdrawn",
    meaning:
      "A withdrawn investment stays withdrawn. The investor may show interest anew, which is another investment.",
  },
  "recipient-gone": {
    status: 409,
    title: "Nobody reads this thread any more",
    meaning:
      "The other person of this thread removed their account. What was written can be read; nothing can be added.",
  },
};
