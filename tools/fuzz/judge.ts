import type { AnswerCheck } from "./answerCheck.ts";
import type { LeakCheck } from "./leakCheck.ts";
import type { RawRequest } from "./rawRequest.ts";
import type { RawAnswer } from "./send.ts";

/** What is wrong with an answer. */
export interface Complaint {
  readonly kind: "serverErrors" | "offDocument" | "leaks";
  readonly sentence: string;
}

/** An answer, judged. */
export interface Verdict {
  readonly complaints: readonly Complaint[];
  /** A 503 that is no complaint: too many asked for a password's hash at once, or the machine is starved. */
  readonly excuse: "busy" | "starved" | undefined;
}

export type Judge = (request: RawRequest, answer: RawAnswer, accountId: string | undefined) => Verdict;

export interface JudgeOptions {
  readonly isAsDocumented: AnswerCheck;
  readonly leaks: LeakCheck;
  /** Whether the database must seem slow to the Worker now, whatever it does. */
  readonly isStarved: () => boolean;
}

/** What the Worker answers when the database seems slow, or gone. */
const NO_DATABASE = /"type":"\/problems\/(unavailable|deadline-exceeded|unknown-outcome)"/;

/** Judges answers by their status, by the document, and by what nobody may be shown. */
export function judgeBy({ isAsDocumented, leaks, isStarved }: JudgeOptions): Judge {
  return (request, answer, accountId) => {
    const { status, headers, headerText, text } = answer;
    const excuse = status === 503 ? excuseOf(text, isStarved) : undefined;
    const shown = { text: headerText + text, accountId, asked: askedText(request) };
    const wrong = isAsDocumented({ ...request, status, headers, text });
    return {
      excuse,
      complaints: [
        ...(status >= 500 && !excuse ? [{ kind: "serverErrors", sentence: `it answered ${status}` } as const] : []),
        ...wrong.map((sentence) => ({ kind: "offDocument", sentence }) as const),
        ...leaks(shown).map((sentence) => ({ kind: "leaks", sentence }) as const),
      ],
    };
  };
}

function excuseOf(text: string, isStarved: () => boolean): Verdict["excuse"] {
  if (text.includes('"type":"/problems/busy"')) return "busy";
  // HEAD tells no more than the status.
  return (text === "" || NO_DATABASE.test(text)) && isStarved() ? "starved" : undefined;
}

/** All that was sent, decoded as far as an answer may repeat it. */
function askedText({ path, headers, body }: RawRequest): string {
  const head = headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  return `${path}\n${decoded(path)}\n${head}\n${body ? Buffer.from(body).toString("utf8") : ""}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
