const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;

export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** `--color`. */
export const COLOUR_MODES = ["auto", "always", "never"] as const;
export type ColourMode = (typeof COLOUR_MODES)[number];

/** `auto`: colours are for people at a terminal who have not refused them (https://no-color.org). What was typed outweighs the environment. */
export const wantsColours = (
  mode: ColourMode,
  isTTY: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean => (mode === "auto" ? isTTY && !env.NO_COLOR && env.TERM !== "dumb" : mode === "always");

export const unpainted: Paint = (_, text) => text;

export const painter = ({ colours }: { colours: boolean }): Paint =>
  colours ? (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m` : unpainted;
