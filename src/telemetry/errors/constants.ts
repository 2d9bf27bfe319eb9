/** What stands where a secret stood. In brackets, so that no rule takes it for a secret again. */
export const REMOVED = "[removed]";

/** What stands where something was left out because it was too much. */
export const CUT = "[cut]";

/** What stands for a value that threw when it was read, or a text that would not come to rest. */
export const UNREADABLE = "[unreadable]";

/** Characters of one text that are looked at: eight times what is kept, so that the cut falls behind what is shown. */
export const MAX_READ_CHARS = 16_384;

/** Characters of one text that are kept: a message and a stack frame need a tenth of it. */
export const MAX_TEXT_CHARS = 2_000;

/** Characters of one field's name that are kept. */
export const MAX_NAME_CHARS = 100;

/** Levels of nesting that are kept; deeper than this nobody reads in a report. */
export const MAX_DEPTH = 6;

/** Entries kept of one object or array. */
export const MAX_ENTRIES = 50;

/** Values of one report that are visited, and characters of text in it: some milliseconds of work at the most. */
export const MAX_VALUES = 500;
export const MAX_REPORT_CHARS = 65_536;

/** Errors told of one event: the one that was thrown and its causes. Five is Sentry's own limit. */
export const MAX_CAUSES = 5;

/** Stack frames told of one error (V8 keeps 10 unless asked for more), and characters of one. */
export const MAX_FRAMES = 20;
export const MAX_FRAME_CHARS = 300;

/** Characters of a message that tell one kind of error from another. */
export const FINGERPRINT_MESSAGE_CHARS = 300;

/** Repeats an isolate sends within a minute: enough to see that it goes on; a thousand isolates make 10,000. */
export const REPEATS_A_MINUTE = 10;

/** Events an isolate sends within a minute, first ones too: 60 kinds of error in a minute are one error in disguise. */
export const EVENTS_A_MINUTE = 60;

export const BUDGET_WINDOW_MS = 60_000;

/** Kinds of error an isolate remembers: at about 1 KB each at the very most, half a megabyte of 128. */
export const MAX_FINGERPRINTS = 500;

/** A 429 that does not say for how long: Sentry's documentation says to take a minute. */
export const DEFAULT_WAIT_MS = 60_000;

/** We wait no longer than this, whatever the answer says: a mistaken date must not silence an isolate for ever. */
export const MAX_WAIT_MS = 86_400_000;

/** Time from the report until its answer: work after a response may take 30 s in all, and other work wants its share. */
export const SEND_DEADLINE_MS = 5_000;
