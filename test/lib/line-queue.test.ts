import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineQueue } from "../../lib/line-queue.ts";

describe("LineQueue", () => {
  it("writes in order, the lines of one turn together", async () => {
    const written: string[] = [];
    const queue = new LineQueue(async (text) => void written.push(text), String);
    queue.push("a");
    queue.push("b");
    await queue.drained();
    queue.push("c");
    await queue.drained();
    assert.deepEqual(written, ["a\nb\n", "c\n"]);
  });

  it("holds a bounded number of bytes before a writer that is stuck, and says how many lines were lost", async () => {
    const written: string[] = [];
    const stuck = Promise.withResolvers<void>();
    const queue = new LineQueue(
      async (text) => {
        await stuck.promise;
        written.push(text);
      },
      (count) => `lost ${count}`,
    );
    const line = "x".repeat(1023);
    for (let number = 0; number < 5_000; number += 1) {
      queue.push(line);
      if (number === 0) await Promise.resolve();
    }
    const kept = 5_000 - queue.lost;
    assert.ok(kept >= 1_000 && kept <= 2_000, `kept ${kept}`);
    const lost = queue.lost;
    stuck.resolve();
    await queue.drained();
    const lines = written.join("").trimEnd().split("\n");
    assert.equal(lines.filter((text) => text === line).length, kept);
    assert.deepEqual(
      lines.filter((text) => text !== line),
      [`lost ${lost}`],
    );
    assert.equal(queue.lost, 0);
  });
});
