import { painter } from "../text/colour.ts";
import { plain } from "../text/plain.ts";
import type { Output } from "./output.ts";

/** As kubectl tells it: `Warning: …` */
export const warn = (err: Output, text: string): Promise<void> | undefined =>
  err.write(`${painter(err)("yellow", "Warning:")} ${plain(text)}\n`);
