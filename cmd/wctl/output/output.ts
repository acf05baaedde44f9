import { plain } from "../text/plain.ts";

/** Where a verb writes: standard output or standard error, or a test's array. */
export interface Output {
  /** Resolves when the other side has taken it, so that an endless stream does not pile up in memory. Never rejects. */
  write(text: string | Uint8Array): Promise<void> | undefined;
  /** A person is looking: moving progress lines and control characters' removal depend on it. */
  isTTY: boolean;
  /** By `--color`, the environment, and whether a person is looking. */
  colours: boolean;
  /** Width of the terminal. */
  columns: number;
}

/** A sentence of ours; what it quotes of somebody else is made harmless. */
export const line = (output: Output, text: string): Promise<void> | undefined => output.write(`${plain(text)}\n`);
