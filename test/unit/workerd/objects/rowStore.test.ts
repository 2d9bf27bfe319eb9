import { env, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { RowStore } from "../../../../objects/rowStore.ts";
import { rowsOf, statementsOf } from "./storage.ts";

afterEach(() => reset());

/** The storage of an object that nobody called before. */
function inStorage<T>(work: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  const stub = env.CACHE_COORDINATOR.getByName(crypto.randomUUID());
  return runInDurableObject(stub, (_, { storage }) => {
    storage.sql.exec("DROP TABLE rows"); // what its own constructor made
    return work(storage);
  });
}

test("makes its table in an empty store, and notes the version of the schema", async () => {
  await inStorage((storage) => {
    const store = new RowStore(storage);
    expect([...store.rows]).toEqual([["schema", "1"]]);
    expect(storage.sql.exec("SELECT key, value FROM rows").toArray()).toEqual([{ key: "schema", value: "1" }]);
  });
});

test("takes only the steps that a store has not taken, and keeps its rows", async () => {
  await inStorage(async (storage) => {
    new RowStore(storage).save([["word", "kept"]]);
    const statements = await statementsOf(storage, () => {
      expect(new RowStore(storage).rows.get("word")).toBe("kept");
    });
    expect(statements).toEqual([expect.stringMatching(/^SELECT/)]);
  });
});

test("opens the store of a later version as it is: deploys are rolled back", async () => {
  await inStorage((storage) => {
    new RowStore(storage).save([
      ["schema", "99"],
      ["word", "kept"],
    ]);
    expect(Object.fromEntries(new RowStore(storage).rows)).toEqual({ schema: "99", word: "kept" });
  });
});

test("writes a row only where it changed, and all rows or none", async () => {
  await inStorage(async (storage) => {
    const store = new RowStore(storage);
    const write = (value: string) => statementsOf(storage, () => store.save([["word", value]]));
    expect([(await write("one")).length, (await write("one")).length, (await write("two")).length]).toEqual([1, 0, 1]);
    const torn = null as unknown as string; // what storage refuses
    expect(() =>
      store.save([
        ["other", "new"],
        ["word", torn],
      ]),
    ).toThrow();
    expect(Object.fromEntries(store.rows)).toEqual({ schema: "1", word: "two" });
    expect(Object.fromEntries(new RowStore(storage).rows)).toEqual({ schema: "1", word: "two" });
  });
});

test("an object finds its rows again after an eviction", async () => {
  const stub = env.CACHE_COORDINATOR.getByName(crypto.randomUUID());
  await stub.admin();
  await runInDurableObject(stub, (_, { storage }) => {
    new RowStore(storage).save([["word", "kept"]]);
  });
  await evictDurableObject(stub);
  expect((await rowsOf(stub)).word).toBe("kept");
});
