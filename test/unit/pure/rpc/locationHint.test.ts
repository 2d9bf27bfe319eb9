import { expect, test } from "vitest";
import { hintOfPlace, hintOfRegion, type LocationHint, type Place } from "../../../../src/rpc/locationHint.ts";

test.for<[string, LocationHint]>([
  ["aws-us-east-1", "enam"],
  ["aws-us-east-2", "enam"],
  ["aws-us-west-2", "wnam"],
  ["us-west-1", "wnam"],
  ["ca-central-1", "enam"],
  ["ca-west-1", "wnam"],
  ["mx-central-1", "enam"],
  ["azure-eastus2", "enam"],
  ["azure-westus3", "wnam"],
  ["azure-gwc", "eeur"],
  ["aws-sa-east-1", "sam"],
  ["aws-eu-central-1", "eeur"],
  ["eu-north-1", "eeur"],
  ["aws-eu-west-2", "weur"],
  ["eu-south-2", "weur"],
  ["aws-ap-southeast-1", "apac"],
  ["aws-ap-southeast-2", "oc"],
  ["ap-northeast-1", "apac"],
  ["ap-south-1", "apac"],
  ["af-south-1", "afr"],
  ["me-central-1", "me"],
  ["il-central-1", "me"],
  ["", "enam"],
  ["somewhere", "enam"],
])("a database in %s has its objects in %s", ([region, hint]) => {
  expect(hintOfRegion(region)).toBe(hint);
});

test.for<[Place, LocationHint | undefined]>([
  [{ continent: "NA", longitude: "-122.4" }, "wnam"],
  [{ continent: "NA", longitude: "-74.0" }, "enam"],
  [{ continent: "NA" }, "enam"],
  [{ continent: "EU", longitude: "4.9" }, "weur"],
  [{ continent: "EU", longitude: "21.0" }, "eeur"],
  [{ continent: "EU", longitude: "nonsense" }, "weur"],
  [{ continent: "SA" }, "sam"],
  [{ continent: "AS", longitude: "139.7" }, "apac"],
  [{ continent: "OC" }, "oc"],
  [{ continent: "AF" }, "afr"],
  [{ continent: "AN" }, undefined],
  [{ continent: "T1" }, undefined],
  [{}, undefined],
])("a request from %o is answered where objects are in %s", ([place, hint]) => {
  expect(hintOfPlace(place)).toBe(hint);
});
