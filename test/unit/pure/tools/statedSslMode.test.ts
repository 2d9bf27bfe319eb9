import { expect, it } from "vitest";
import { statedSslMode } from "../../../../tools/migrate/statedSslMode.ts";

it.each([
  [
    "postgres://u:p%40@h/d?sslmode=require&channel_binding=require",
    "postgres://u:p%40@h/d?sslmode=verify-full&channel_binding=require",
  ],
  ["postgres://h/d?a=b&sslmode=verify-ca", "postgres://h/d?a=b&sslmode=verify-full"],
  ["postgres://h/d?sslmode=require&uselibpqcompat=true", "postgres://h/d?sslmode=require&uselibpqcompat=true"],
  ["postgres://h/d?sslmode=disable", "postgres://h/d?sslmode=disable"],
  ["postgres://h/d?sslmode=no-verify", "postgres://h/d?sslmode=no-verify"],
  ["postgres://u:sslmode=require@h/d", "postgres://u:sslmode=require@h/d"],
])("an address states the TLS mode that pg takes: %s", (given, stated) => {
  expect(statedSslMode(given)).toBe(stated);
});
