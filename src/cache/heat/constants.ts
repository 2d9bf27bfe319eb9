/**
 * Counters of one isolate's summary: as many as a report holds. More of them would find more keys in one report; many
 * reports find them as well, since what is hot is in most of them.
 */
export const HEAT_COUNTERS = 64;
