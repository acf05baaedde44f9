import type { Output } from "./output.ts";

const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1 } as const;

export type Paint = (colour: keyof typeof CODES, text: string) => string;

interface Viewer {
  out: Output;
  env: Readonly<Record<string, string | undefined>>;
}

/** Colours are for people at a terminal who have not refused them (https://no-color.org). */
export const wantsColours = ({ out, env }: Viewer): boolean => out.isTTY && !env.NO_COLOR && env.TERM !== "dumb";

export const painter = (viewer: Viewer): Paint =>
  wantsColours(viewer) ? (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m` : (_, text) => text;
