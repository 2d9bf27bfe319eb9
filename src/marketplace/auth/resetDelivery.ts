/** What somebody who forgot their password is sent. */
export interface ResetLetter {
  /** An e-mail address. */
  readonly to: string;
  readonly name: string;
  /** Good once, for a new password. */
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** How the letter reaches its reader. Rejects when it did not, in words without the token. */
export interface ResetDelivery {
  send(letter: ResetLetter): Promise<void>;
}
