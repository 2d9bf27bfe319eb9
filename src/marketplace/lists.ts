/** The closed lists of the marketplace; the schema's CHECK constraints hold the same words. */

export const GENRES = [
  "drama",
  "comedy",
  "action",
  "adventure",
  "thriller",
  "horror",
  "romantic-comedy",
  "musical",
  "documentary",
  "western",
  "black-comedy",
  "concert-performance",
  "other",
] as const;

export const FORMATS = ["feature", "tv", "short", "webseries", "other"] as const;

export const STAGES = [
  "concept",
  "script",
  "development",
  "pre-production",
  "production",
  "post-production",
  "completed",
] as const;

export const STATUSES = ["draft", "published", "archived"] as const;

export const ROLES = ["creator", "investor", "production"] as const;

export const DOCUMENT_KINDS = ["script", "treatment", "budget", "deck", "schedule", "other"] as const;

export const NDA_STATUSES = ["pending", "approved", "declined", "withdrawn"] as const;

export const INVESTMENT_STATES = ["interested", "negotiating", "committed", "withdrawn"] as const;

export const NOTIFICATION_KINDS = [
  "nda-requested",
  "nda-approved",
  "nda-declined",
  "message",
  "follow",
  "like",
  "investment",
] as const;

export type InvestmentState = (typeof INVESTMENT_STATES)[number];
export type NdaStatus = (typeof NDA_STATUSES)[number];
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
export type Status = (typeof STATUSES)[number];
export type Role = (typeof ROLES)[number];
