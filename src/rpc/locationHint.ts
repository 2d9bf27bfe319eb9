/** Where an object is to live: Cloudflare's location hints. Only the first call of an object's life heeds it. */
export type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

const BY_REGION: readonly (readonly [RegExp, LocationHint])[] = [
  [/us-west|ca-west|westus/, "wnam"],
  [/us-|ca-|mx-/, "enam"],
  [/sa-|south-?america/, "sam"],
  [/eu-(central|north|south-1)|east-?europe|germany|gwc/, "eeur"],
  [/eu-|uk|europe/, "weur"],
  [/ap-southeast-(2|4|6)|australia/, "oc"],
  [/ap-|asia/, "apac"],
  [/af-|africa/, "afr"],
  [/me-|il-|middle/, "me"],
];

/** Beside the database: from the region's name as Neon and AWS write it (`aws-us-east-1`, `azure-westus3`). */
export function hintOfRegion(region: string): LocationHint {
  return BY_REGION.find(([pattern]) => pattern.test(region))?.[1] ?? "enam";
}

/** What a request says of where it came in. */
export interface Place {
  readonly continent?: string | undefined;
  readonly longitude?: string | undefined;
}

/** Longitudes that cut the two large continents in halves. */
const AMERICAN_MIDDLE = -100;
const EUROPEAN_MIDDLE = 15;

/** Beside the isolate: from where its requests come in; undefined where that is not told. */
export function hintOfPlace({ continent, longitude }: Place): LocationHint | undefined {
  const degrees = Number(longitude);
  switch (continent) {
    case "NA":
      return degrees < AMERICAN_MIDDLE ? "wnam" : "enam";
    case "SA":
      return "sam";
    case "EU":
      return degrees > EUROPEAN_MIDDLE ? "eeur" : "weur";
    case "AS":
      return "apac";
    case "OC":
      return "oc";
    case "AF":
      return "afr";
    default:
      return undefined;
  }
}
