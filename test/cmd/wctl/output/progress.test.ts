import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Output } from "../../../../cmd/wctl/output/output.ts";
import { eraseMovingLine, Progress } from "../../../../cmd/wctl/output/progress.ts";

const terminal = (columns: number, isTTY = true) => {
  const written: string[] = [];
  const output: Output = {
    write: (text) => {
      written.push(String(text).replaceAll("\r\x1b[K", "<"));
      return undefined;
    },
    isTTY,
    colours: false,
    columns,
  };
  return { written, output, both: { out: output, err: output } };
};

describe("the moving line", () => {
  it("is rewritten when its words change, and goes without a trace", () => {
    const { written, output, both } = terminal(80);
    const progress = new Progress(both);
    for (const text of ["one", "one", "two"]) progress.show(text);
    progress.clear();
    progress.clear();
    assert.deepEqual(written, ["<one", "<two", "<"]);
    assert.equal(eraseMovingLine(output), "");
  });

  it("is never wider than the window, nor more than one line", () => {
    const { written, both } = terminal(10);
    new Progress(both).show("0123456789 and more");
    new Progress(terminal(1).both).show("narrow");
    const breaks = new Progress(both);
    assert.deepEqual(written, ["<01234567…"]);
    breaks.show("x");
    assert.deepEqual(written.length, 1, "the first of several is shown, and there is no room for how many wait");
    const { written: other, both: wide } = terminal(80);
    new Progress(wide).show("two\nlines\x1b[2J");
    assert.deepEqual(other, ["<two lines^[[2J"]);
  });

  it("goes as a whole when the window has become narrower, also on Ctrl-C", () => {
    const { written, output, both } = terminal(80);
    const progress = new Progress(both);
    progress.show("x".repeat(50));
    output.columns = 20;
    progress.show("short");
    assert.deepEqual(written.slice(1), ["\x1b[2A\r\x1b[Jshort"]);
    assert.equal(eraseMovingLine(output), "\r\x1b[K");
    assert.equal(eraseMovingLine(output), "");
  });

  it("is one for all who wait; what is told stands above it", async () => {
    const { written, both } = terminal(80);
    const [first, second] = [new Progress(both), new Progress(both)];
    first.show("first");
    second.show("second");
    await first.tell("news");
    first.clear();
    second.clear();
    assert.deepEqual(written, ["<first", "<first (and 1 more)", "<", "news\n", "<first (and 1 more)", "<second", "<"]);
  });

  it("is not written where nobody looks", async () => {
    const { written, both } = terminal(80, false);
    const progress = new Progress(both);
    progress.show("moving");
    await progress.tell("news");
    progress.clear();
    assert.deepEqual(written, ["news\n"]);
  });
});
