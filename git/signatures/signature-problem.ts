/** Why a commit is not taken for signed, in a sentence for people about "it", the commit. Thrown within this room only. */
export class SignatureProblem extends Error {
  override readonly name = "SignatureProblem";
}

/** What an armored signature may have at most: those of the largest keys have a third of it. */
export const LONGEST_SIGNATURE = 16 * 1024;
