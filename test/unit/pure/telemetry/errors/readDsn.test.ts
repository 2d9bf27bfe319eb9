import { expect, test } from "vitest";
import { readDsn } from "../../../../../src/telemetry/errors/readDsn.ts";

test.for([undefined, "", "  "])("without a DSN (%j) reporting is off", (text) => {
  expect(readDsn(text)).toEqual({ kind: "off" });
});

test.for([
  "https://0123456789abcdef@o123.ingest.us.sentry.io/456",
  "http://key@127.0.0.1:9000/1",
  "https://key:secret@sentry.example.org/prefix/of/it/7",
])("%s is a DSN", (text) => {
  expect(readDsn(` ${text}\n`)).toEqual({ kind: "on", dsn: { text } });
});

test.for([
  ["sentry.example.org/1", "does not begin with https://"],
  ["ftp://hunter2@host/1", "does not begin with https://"],
  ["https://host/1", "has no public key before an @"],
  ["https://hunter-2@host/1", "has no public key before an @"],
  ["https://hunter2@host/", "does not end with the number of a project"],
  ["https://hunter2@host/name", "does not end with the number of a project"],
  ["https://hunter2@host/1?a=b", "does not end with the number of a project"],
  ["https://hunter2@ho st/1", "is not https://<public key>@<host>/<project number>"],
  ["https://hunter2@host:99999/1", "is not https://<public key>@<host>/<project number>"],
])("what is wrong with %s is said without repeating it", ([text = "", wrong]) => {
  const mistake = `SENTRY_DSN ${wrong}: copy it from the project's settings in Sentry.`;
  expect(readDsn(text)).toEqual({ kind: "mistake", mistake });
  expect(mistake).not.toContain("hunter");
});
