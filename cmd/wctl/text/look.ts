import type { Paint } from "./colour.ts";

/** When somebody looks at something, and in which colours. */
export interface Look {
  now: Date;
  paint: Paint;
}
