import type { Paint } from "../../text/colour.ts";
import { inTone, statusTone } from "../../text/tone.ts";

/** Colours the cells of the column Phase. */
export const byPhase =
  (paint: Paint) =>
  (cell: string, column: string): string =>
    column === "Phase" ? inTone(paint, statusTone(cell), cell) : cell;
