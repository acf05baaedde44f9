/** Why a manifest was refused, and where. The message is complete: `web.yaml:12:3: …`, with the document when it is not the first. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
  readonly file: string;
  /** 1-based. */
  readonly document: number;
  readonly line: number;
  readonly column: number;
  /** What is wrong and what to do, without the place. Never quotes values, for they may be secret. */
  readonly problem: string;

  constructor(place: { file: string; document: number; line: number; column: number }, problem: string) {
    const which = place.document > 1 ? ` (document ${place.document})` : "";
    super(`${place.file}:${place.line}:${place.column}: ${problem}${which}`);
    this.file = place.file;
    this.document = place.document;
    this.line = place.line;
    this.column = place.column;
    this.problem = problem;
  }
}
