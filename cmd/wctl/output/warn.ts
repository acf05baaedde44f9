import { painter } from "../text/colour.ts";
import { line, type Output } from "./output.ts";

/** As kubectl tells it: `Warning: …` */
export const warn = (err: Output, text: string): Promise<void> | undefined =>
  line(err, `${painter(err)("yellow", "Warning:")} ${text}`);
