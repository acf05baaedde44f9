/** Why something can't be sealed or opened. Quotes neither values nor keys. */
export class SealingError extends Error {
  override readonly name = "SealingError";
}
