/** A step of the schema's history. Appended to, never changed. */
const MIGRATIONS = ["CREATE TABLE rows (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"] as const;

/** The row that tells how many steps were taken. */
const SCHEMA_KEY = "schema";

/**
 * An object's memory as rows of text, written only where they changed. One SELECT brings all of it back; the schema's
 * version is a row like the others, so that the usual start needs nothing more.
 */
export class RowStore {
  readonly #storage: DurableObjectStorage;
  readonly #saved = new Map<string, string>();

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    for (const { key, value } of this.#select()) this.#saved.set(key, value);
    this.#migrate(Number(this.#saved.get(SCHEMA_KEY) ?? 0));
  }

  get rows(): ReadonlyMap<string, string> {
    return this.#saved;
  }

  /** Writes what is not yet so: all of it, or nothing where it throws. It is durable before any answer. */
  save(rows: Iterable<readonly [string, string]>): void {
    const changed = [...rows].filter(([key, value]) => this.#saved.get(key) !== value);
    if (changed.length === 0) return;
    this.#storage.transactionSync(() => {
      for (const [key, value] of changed) this.#write(key, value);
    });
    for (const [key, value] of changed) this.#saved.set(key, value);
  }

  #write(key: string, value: string): void {
    this.#storage.sql.exec("INSERT OR REPLACE INTO rows (key, value) VALUES (?, ?)", key, value);
  }

  #select(): { key: string; value: string }[] {
    try {
      return this.#storage.sql.exec<{ key: string; value: string }>("SELECT key, value FROM rows").toArray();
    } catch {
      return []; // the first start of this object: there is no table yet
    }
  }

  #migrate(version: number): void {
    if (version >= MIGRATIONS.length) return;
    this.#storage.transactionSync(() => {
      for (const step of MIGRATIONS.slice(version)) this.#storage.sql.exec(step);
      this.#write(SCHEMA_KEY, String(MIGRATIONS.length));
    });
    this.#saved.set(SCHEMA_KEY, String(MIGRATIONS.length));
  }
}
