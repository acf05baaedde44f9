import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Frame } from "../../../../cmd/wctl/output/frame.ts";
import type { Output } from "../../../../cmd/wctl/output/output.ts";

describe("a frame", () => {
  it("is drawn over itself, within the window; in a narrower one the window is cleared first", async () => {
    const written: string[] = [];
    const size = { columns: 6, rows: 3 };
    const output: Output = {
      write: (text) => void written.push(String(text)),
      isTTY: true,
      colours: true,
      columns: 80,
    };
    const frame = new Frame(output, () => size);
    const bold = (text: string): string => `<${text}>`;
    await frame.draw(["123456789", "b", "c", "d"], bold);
    await frame.draw(["1"], bold);
    size.columns = 5;
    await frame.draw(["1"], bold);
    assert.deepEqual(written, [
      "\r<12345>\x1b[K\r\n<b>\x1b[K\r\n\x1b[J",
      "\x1b[2A\r<1>\x1b[K\r\n\x1b[J",
      "\x1b[H\x1b[2J<1>\x1b[K\r\n\x1b[J",
    ]);
  });
});
