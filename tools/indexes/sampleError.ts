/** A database from which no sample can be taken. The message says of what there was none, and what to do. */
export class SampleError extends Error {
  override readonly name = "SampleError";

  constructor(missing: string) {
    super(`The database has no ${missing}: seed it (\`npm run seed\`), then take samples.`);
  }
}
