/**
 * An address with the TLS mode that `pg` makes of it anyway: to its version 8 `require`, which Neon's addresses have, is
 * `verify-full`, and it warns of that in ten lines at each command. Unchanged where libpq's meaning is asked for.
 */
export function statedSslMode(connectionString: string): string {
  if (/[?&]uselibpqcompat=/.test(connectionString)) return connectionString;
  return connectionString.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=[&#]|$)/, "$1verify-full");
}
