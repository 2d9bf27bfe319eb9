import * as z from "zod/mini";
import { pageFields } from "./pageFields.ts";

/** The query of a list without filters. */
export const pageSchema = z.object(pageFields);
