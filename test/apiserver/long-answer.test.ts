import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { FakeClock } from "../lib/fake-clock.ts";
import { TestServer } from "./test-server.ts";

describe("a long answer", () => {
  it("reaches a slow reader whole, as long as he reads", async () => {
    const text = randomBytes(8 * 1024 * 1024).toString("hex");
    const clock = new FakeClock(new Date());
    const server = await TestServer.start({ clock, backup: async () => text });
    const answer = await server.open("POST", "/backup", { headers: { "accept-encoding": "identity" } });
    const pieces: Buffer[] = [];
    let minutes = 0;
    for await (const piece of answer) {
      pieces.push(piece as Buffer);
      if (pieces.length % 100 !== 0) continue;
      await clock.advanceAsync(20_000);
      minutes += 1 / 3;
    }
    assert.ok(minutes > 3, `${minutes} minutes`);
    assert.equal(Buffer.concat(pieces).toString(), `${text}\n`);
    await server.stop();
  });
});
