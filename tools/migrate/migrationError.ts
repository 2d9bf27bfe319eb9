/** Why a database could not be migrated, in a sentence for whoever ran it. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}
