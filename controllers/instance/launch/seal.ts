/** Keeps texts from all but the daemons of this data directory on this machine. `context` must be the same at both ends. */
export interface Seal {
  seal(text: string, context: string): string;
  /** Undefined: it was not sealed here, or is damaged. */
  open(sealed: string, context: string): string | undefined;
}
