import { closeSync, constants, openSync } from "node:fs";
import { systemClock } from "../lib/clock.ts";
import type { ExecEnds } from "../runtime/posix/exec/exec-ends.ts";
import { openTerminal } from "../runtime/posix/exec/terminal.ts";

/** A real terminal without a screen: what is typed into it, what it shows, and the descriptor for the standard streams of a program. */
export function openPty(size = { columns: 80, rows: 24 }): {
  fd: number;
  type(text: string): void;
  shown(): string;
  close(): void;
} {
  const ends: ExecEnds = openTerminal(size, systemClock);
  const fd = openSync(String(ends.theirs.stdin), constants.O_RDWR | constants.O_NOCTTY);
  let shown = "";
  ends.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  return {
    fd,
    type: (text) => void ends.stdin!.write(text),
    shown: () => shown,
    close: () => {
      closeSync(fd);
      ends.destroy();
    },
  };
}
