import type { ProblemKind } from "../breakwater.ts";

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
};
