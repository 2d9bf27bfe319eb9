import { INCLUDED, MONTH_S, OBJECT_GIGABYTES, PRICE } from "./constants.ts";

/** What objects do in a second, on average. */
export interface Rates {
  /** Calls of objects and their alarms. */
  readonly invocations: number;
  /** Objects in memory: each counts as if it stayed there all month. */
  readonly objects: number;
  readonly rows: number;
}

/** Dollars a month, each component by itself, past what the plan includes. */
export interface Bill {
  readonly requests: number;
  readonly duration: number;
  readonly rows: number;
  readonly total: number;
}

export function billOf({ invocations, objects, rows }: Rates): Bill {
  const past = (amount: number, included: number, price: number) => (Math.max(0, amount - included) / 1e6) * price;
  const bill = {
    requests: past(invocations * MONTH_S, INCLUDED.requests, PRICE.requests),
    duration: past(objects * OBJECT_GIGABYTES * MONTH_S, INCLUDED.gigabyteSeconds, PRICE.gigabyteSeconds),
    rows: past(rows * MONTH_S, INCLUDED.rows, PRICE.rows),
  };
  return { ...bill, total: bill.requests + bill.duration + bill.rows };
}
