import type { RunExit } from "../../../../api/log-frame.ts";

/** From here on Windows means an NTSTATUS, which people know in hexadecimal. */
const STATUS_CODES = 0x8000_0000;

/** Lines between the output that tell what happened to a copy; only for people at a terminal. */
export const marks = {
  begins: (copy: string, run: number): string => mark(`${copy}: run ${run} begins`),
  began: (copy: string, run: number, startedAt: string): string => mark(`${copy}: run ${run}, begun ${startedAt}`),
  ended: (copy: string, run: number, exit?: RunExit): string => mark(`${copy}: run ${run} ended${howOf(exit)}`),
  leaves: (copy: string, why: string): string => mark(`${copy}: ${why}`),
};

const mark = (text: string): string => `--- ${text} ---`;

function howOf(exit: RunExit | undefined): string {
  if (exit?.signal !== undefined) return `, by signal ${exit.signal}`;
  if (exit?.code === undefined) return exit?.unknown ? ", nobody saw how" : "";
  const hex = exit.code >= STATUS_CODES ? ` (0x${exit.code.toString(16).toUpperCase()})` : "";
  return ` with exit code ${exit.code}${hex}`;
}
