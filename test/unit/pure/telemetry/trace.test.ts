import { expect, test } from "vitest";
import { traceIdOf } from "../../../../src/telemetry/trace.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test.for<[string, string | undefined, boolean]>([
  ["of version 00", `00-${TRACE}-${SPAN}-01`, true],
  ["of a later version, with more behind", `01-${TRACE}-${SPAN}-01-more`, true],
  ["of a later version, without", `01-${TRACE}-${SPAN}-00`, true],
  ["of version 00 with more behind", `00-${TRACE}-${SPAN}-01-more`, false],
  ["of version ff", `ff-${TRACE}-${SPAN}-01`, false],
  ["with a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`, false],
  ["with a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`, false],
  ["in capitals", `00-${TRACE.toUpperCase()}-${SPAN}-01`, false],
  ["with something glued on", `00-${TRACE}-${SPAN}-01x`, false],
  ["that is empty", "", false],
  ["that is missing", undefined, false],
])("a traceparent %s names a trace: %s", ([, header, isValid]) => {
  const headers = new Headers(header === undefined ? {} : { traceparent: header });
  expect(traceIdOf(headers)).toBe(isValid ? TRACE : undefined);
});
