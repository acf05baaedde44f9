/** Why a commit is not taken for signed, in a sentence for people about "it", the commit. Thrown within this room only. */
export class SignatureProblem extends Error {
  override readonly name = "SignatureProblem";
}
