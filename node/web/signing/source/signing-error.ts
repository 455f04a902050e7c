/** Why something cannot be signed, or a key not be had, in words for people. */
export class SigningError extends Error {
  override readonly name = "SigningError";
}
