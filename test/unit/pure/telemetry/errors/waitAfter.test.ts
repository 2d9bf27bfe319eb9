import { expect, test } from "vitest";
import { waitAfter } from "../../../../../src/telemetry/errors/waitAfter.ts";

const NOW = Date.UTC(2026, 6, 30, 12);
const date = (ms: number) => new Date(NOW + ms).toUTCString();

test.for<[string, number, string | null, string | null, number]>([
  // why, status, Retry-After, X-Sentry-Rate-Limits, seconds
  ["all is well", 200, null, null, 0],
  ["a broken Sentry has not asked for a pause", 500, null, null, 0],
  ["Retry-After counts on a 429 only", 503, "30", null, 0],
  ["a 429 alone means a minute", 429, null, null, 60],
  ["seconds", 429, "30", null, 30],
  ["seconds with spaces around", 429, " 30 ", null, 30],
  ["a date", 429, date(90_000), null, 90],
  ["a date of the old kind", 429, "Thursday, 30-Jul-26 12:02:00 GMT", null, 120],
  ["a date that is over", 429, date(-90_000), null, 0],
  ["neither seconds nor a date", 429, "soon", null, 60],
  ["a negative number is no date", 429, "-5", null, 60],
  ["nothing in the header", 429, "", null, 60],

  ["our category", 200, null, "60:error:key", 60],
  ["our category among others", 200, null, "60:transaction:key, 2700:default;error;security:organization", 2_700],
  ["the task's example: 'default' is no error", 429, "9", "60:error;transaction:organization, 2700:default", 60],
  ["other categories only, on a 429 with Retry-After", 429, "30", "60:transaction:key,2700:default:organization", 0],
  ["no category is every category", 429, "30", "45::organization", 45],
  ["no category, and nothing more", 200, null, "45:", 45],
  ["seconds alone", 200, null, "45", 45],
  ["the longest of several", 200, null, "60::organization, 2700::organization, 10:error:key", 2_700],
  ["a broken number of seconds", 200, null, "1.5:error:key", 1.5],
  ["spaces everywhere", 200, null, " 60 : transaction ; error : key ", 60],
  ["more fields than are known", 200, null, "60:error:organization:quota_exceeded:custom:more", 60],
  ["an unknown category", 429, null, "60:hologram:organization", 0],
  ["metrics of a namespace", 429, null, "2700:metric_bucket:organization:quota_exceeded:custom", 0],
  ["a limit without seconds", 200, null, "later:error:key", 60],
  ["a category whose name only holds ours", 200, null, "60:error_stream:key", 0],
  ["no limit in it: as if it were not there", 429, "30", "  ", 30],
  ["no limit between the commas", 200, null, ",,", 0],
])("%s: %d, Retry-After %s, limits %s: %d s", ([, status, retryAfter, rateLimits, seconds]) => {
  expect(waitAfter({ status, retryAfter, rateLimits }, NOW)).toBe(seconds * 1_000);
});
