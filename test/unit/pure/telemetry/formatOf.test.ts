import { expect, test } from "vitest";
import { formatOf } from "../../../../src/telemetry/formatOf.ts";

const PROMETHEUS_2_42 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

test.for<[string, string | null]>([
  ["openmetrics", PROMETHEUS_2_42],
  ["openmetrics", PROMETHEUS_3],
  ["openmetrics", "application/openmetrics-text"],
  ["openmetrics", 'Application/OpenMetrics-Text; Version="1.0.0"; Charset=utf-8'],
  ["openmetrics", "text/plain;q=0.5, application/openmetrics-text;q=0.5"],
  ["classic", null],
  ["classic", ""],
  ["classic", "*/*"],
  ["classic", "text/html,application/xhtml+xml,*/*;q=0.8"],
  ["classic", "text/plain;version=0.0.4, application/openmetrics-text;q=0.1"],
  ["classic", "application/openmetrics-text;q=0"],
  ["classic", "application/openmetrics-text;version=2.0.0"],
  ["classic", "application/openmetrics-text;q=many"],
  ["classic", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"],
  ["classic", ";;,=,q"],
])("the answer is %s where Accept is %s", ([format, accept]) => {
  expect(formatOf(accept)).toBe(format);
});
