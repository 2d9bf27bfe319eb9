import * as z from "zod/mini";
import { MAX_INVESTMENT } from "../constants.ts";
import { INVESTMENT_STATES } from "../lists.ts";
import { id } from "./id.ts";
import { personSchema, pitchReferenceSchema } from "./references.ts";

/** Everything about investments that comes in or goes out. Amounts are whole dollars. */

const state = z.enum(INVESTMENT_STATES, { error: `must be one of: ${INVESTMENT_STATES.join(", ")}` });

const notDollars = { error: `must be a whole number of dollars from 1 to ${MAX_INVESTMENT}` };

export const newInvestmentSchema = z.strictObject({
  amount: z.number(notDollars).check(z.int(notDollars), z.gte(1, notDollars), z.lte(MAX_INVESTMENT, notDollars)),
});

export const investmentIdSchema = z.object({ id });

export const investmentStateSchema = z.strictObject({ state });

export const investmentSchema = z.object({
  id: z.uuid(),
  pitch: pitchReferenceSchema,
  investor: personSchema,
  creator: personSchema,
  amount: z.int(),
  state,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export const investmentPageSchema = z.object({ items: z.array(investmentSchema), nextCursor: z.nullable(z.string()) });
