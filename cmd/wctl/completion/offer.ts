/** One word that may stand where somebody is typing. */
export interface Candidate {
  value: string;
  about?: string;
}

export interface Offer {
  candidates: readonly Candidate[];
  /** Names of files may stand there. */
  files?: boolean;
}

export const nothing: Offer = { candidates: [] };

export const wordsOf = (values: Iterable<string>): Offer => ({
  candidates: [...values].map((value) => ({ value })),
});

/** Everything before the values that is already there: `--output=`, `process/`. */
export const behind = (prefix: string, { candidates, ...rest }: Offer): Offer => ({
  candidates: candidates.map(({ value, ...more }) => ({ value: prefix + value, ...more })),
  ...rest,
});
