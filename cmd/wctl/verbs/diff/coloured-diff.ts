import type { Paint } from "../../text/colour.ts";

const colourOf = { "+": "green", "-": "red", "@": "cyan" } as const;

/** A unified diff as terminals like it. */
export const colouredDiff = (text: string, paint: Paint): string =>
  text.replace(/^([-+@]).*$/gm, (whole, first: keyof typeof colourOf) => paint(colourOf[first], whole));
