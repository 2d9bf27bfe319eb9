import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { catalogueTroubles } from "./catalogueTroubles.ts";
import { MADE_UP_SAMPLES } from "./madeUpSamples.ts";
import { sampledQueries } from "./sampledQueries.ts";
import { unsampledQueries } from "./unsampledQueries.ts";

/** `npm run check`: every named query of the application has samples, and the catalogue stands. Measures nothing. */

const queries = sampledQueries(MADE_UP_SAMPLES);
const troubles = [...(await unsampledQueries(queries)), ...catalogueTroubles(ENTRIES, queries)];

for (const trouble of troubles) console.error(trouble);
process.exitCode = troubles.length === 0 ? 0 : 1;
