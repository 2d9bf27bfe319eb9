import { describe, expect, test } from "vitest";
import { type AttemptFacts, classify, type FailureClass, type Judgement } from "../../../../src/database/classify.ts";
import { TransportFailure } from "../../../../src/database/transport.ts";

const ON_PRIMARY: AttemptFacts = { timedOut: false, onReplica: false };
const ON_REPLICA: AttemptFacts = { timedOut: false, onReplica: true };

const sql = (sqlstate: string, message = "ERROR") => new TransportFailure("sql", message, { sqlstate });

describe("an SQLSTATE", () => {
  test.for<[string, FailureClass, Judgement["effect"]]>([
    ["08000", "infrastructure", "unknown"],
    ["08003", "infrastructure", "unknown"],
    ["08006", "infrastructure", "unknown"],
    ["53000", "infrastructure", "unknown"],
    ["53100", "infrastructure", "none"],
    ["53200", "infrastructure", "none"],
    ["53300", "infrastructure", "none"],
    ["57P01", "infrastructure", "unknown"],
    ["57P02", "infrastructure", "unknown"],
    ["57P03", "infrastructure", "none"],
    ["57P05", "infrastructure", "unknown"],
    ["58000", "infrastructure", "unknown"],
    ["58030", "infrastructure", "unknown"],
    ["XX000", "infrastructure", "unknown"],
    ["XX001", "infrastructure", "unknown"],
    ["57014", "slow", "none"],
    ["25P03", "slow", "none"],
    ["25P04", "slow", "none"],
    ["25006", "role", "none"],
    ["BW001", "role", "none"],
    ["40001", "conflict", "none"],
    ["40P01", "conflict", "none"],
    ["55P03", "conflict", "none"],
    ["28000", "configuration", "none"],
    ["28P01", "configuration", "none"],
    ["3D000", "configuration", "none"],
    ["08P01", "caller", "none"],
    ["0A000", "caller", "none"],
    ["55000", "caller", "none"],
    ["22P02", "caller", "none"],
    ["22021", "caller", "none"],
    ["23505", "caller", "none"],
    ["23514", "caller", "none"],
    ["25P02", "caller", "none"],
    ["42601", "caller", "none"],
    ["42P01", "caller", "none"],
    ["42501", "caller", "none"],
    ["54000", "caller", "none"],
    ["P0001", "caller", "none"],
    ["BW002", "caller", "none"],
    ["BW003", "caller", "none"],
  ])("of %s is %s, its effect %s", ([sqlstate, failureClass, effect]) => {
    expect(classify(sql(sqlstate), ON_PRIMARY)).toEqual({ class: failureClass, effect });
  });

  test.for(["0A000", "55000"])("of %s speaks of the role where a replica says it", (sqlstate) => {
    expect(classify(sql(sqlstate), ON_REPLICA)).toEqual({ class: "role", effect: "none" });
  });

  test("that is there counts more than words that look like a wrong configuration", () => {
    expect(classify(sql("P0001", "password authentication failed"), ON_PRIMARY).class).toBe("caller");
  });

  test("is not a matter of our clock: an answer that came is judged by what it says", () => {
    expect(classify(sql("42601"), { timedOut: true, onReplica: false }).class).toBe("caller");
  });
});

describe("a 400 without a code", () => {
  test.for([
    "password authentication failed for user 'neondb_owner'",
    "ERROR: The requested endpoint could not be found",
    "The endpoint ep-x could not be found",
    'role "nobody" does not exist',
    'database "nothing" does not exist',
    "missing database name in connection string",
    "Invalid username",
    "invalid isolation level",
  ])("is the configuration's where it says: %s", (message) => {
    const judgement = { class: "configuration", effect: "none" };
    expect(classify(sql("", message), ON_PRIMARY)).toEqual(judgement);
    expect(classify(new TransportFailure("http", message, { status: 400 }), ON_PRIMARY)).toEqual(judgement);
  });

  test.for(["connection lost", "", "unexpected EOF", "Couldn't connect to compute node"])(
    "is infrastructure where it says: %s",
    (message) => {
      expect(classify(sql("", message), ON_PRIMARY)).toEqual({ class: "infrastructure", effect: "unknown" });
    },
  );
});

describe("a failure before any SQLSTATE", () => {
  test.for<[string, TransportFailure, Judgement]>([
    ["no connection", new TransportFailure("connect", "refused"), { class: "infrastructure", effect: "none" }],
    ["a broken one", new TransportFailure("connection", "reset"), { class: "infrastructure", effect: "unknown" }],
    ["500", http(500), { class: "infrastructure", effect: "unknown" }],
    ["502", http(502), { class: "infrastructure", effect: "unknown" }],
    ["503", http(503), { class: "infrastructure", effect: "unknown" }],
    ["408", http(408), { class: "infrastructure", effect: "unknown" }],
    ["429, turned away at the door", http(429), { class: "infrastructure", effect: "none" }],
    ["413, too much was asked", http(413), { class: "caller", effect: "none" }],
    ["507, too much was answered", http(507), { class: "caller", effect: "unknown" }],
    ["a 200 that was no result", http(200), { class: "infrastructure", effect: "unknown" }],
    ["no status at all", new TransportFailure("http", "?"), { class: "infrastructure", effect: "unknown" }],
    ["a client that left", new TransportFailure("aborted", "gone"), { class: "abort", effect: "unknown" }],
  ])("is judged: %s", ([, failure, judgement]) => {
    expect(classify(failure, ON_PRIMARY)).toEqual(judgement);
  });

  test("is slowness when it was our own time that ended it", () => {
    const judgement = classify(new TransportFailure("aborted", "over"), { timedOut: true, onReplica: false });
    expect(judgement).toEqual({ class: "slow", effect: "unknown" });
  });

  test("stays a missing connection when our time ended while it was made", () => {
    const judgement = classify(new TransportFailure("connect", "over"), { timedOut: true, onReplica: false });
    expect(judgement).toEqual({ class: "infrastructure", effect: "none" });
  });
});

function http(status: number): TransportFailure {
  return new TransportFailure("http", `Server error (HTTP status ${status})`, { status });
}
