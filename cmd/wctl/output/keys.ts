import type { Terminal } from "./terminal.ts";

/**
 * Calls `hear` with each key that a person types, until the returned function is called. The terminal does not show them meanwhile, and Ctrl-C is one of
 * them. Undefined where nobody can type.
 */
export function hearKeys(terminal: Terminal, hear: (key: string) => void): (() => void) | undefined {
  if (!terminal.isTTY) return undefined;
  const take = (chunk: Buffer): void => {
    for (const key of chunk.toString()) hear(key);
  };
  terminal.raw(true);
  terminal.input.on("data", take);
  return () => {
    terminal.input.off("data", take);
    terminal.raw(false);
    terminal.release();
  };
}
