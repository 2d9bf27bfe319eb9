/** A time as answers have it. JSON made by the database, such as the result of a write, has the server's zone. */
export function utc(time: string): string {
  return time.endsWith("Z") ? time : new Date(time).toISOString();
}
