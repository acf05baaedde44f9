import type { WriteStream } from "node:tty";
import type { Output } from "./output.ts";

/** Standard output or error of this process; `main.ts` ends the program when it breaks. */
export const streamOutput = (stream: NodeJS.WriteStream, colours: boolean): Output => ({
  write(text) {
    if (stream.write(text)) return undefined;
    return new Promise((resolve) => stream.once("drain", resolve));
  },
  isTTY: stream.isTTY === true,
  colours,
  get columns() {
    return (stream as WriteStream).columns || 80;
  },
});
