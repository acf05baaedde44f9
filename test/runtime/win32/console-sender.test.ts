import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { ConsoleSender } from "../../../runtime/win32/stop/console-sender.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

/** Writes down what it was asked, tells as the real one does, and comes to a halt at pid 666. */
const PROGRAM = `
  import { appendFileSync, writeSync } from "node:fs";
  const [file, ...requests] = process.argv.slice(2);
  appendFileSync(file, requests.join(" ") + "\\n");
  for (const order of requests) {
    if (order.startsWith("666=")) { setInterval(() => {}, 1000); break; }
    writeSync(1, order.startsWith("404=") ? "false\\n" : "true\\n");
  }`;

describe("the sender of console events", () => {
  let folder: string;
  let file: string;
  let clock: FakeClock;
  let sender: ConsoleSender;
  const asked = (): string[][] =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" "));
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-sender-"));
    writeFileSync(join(folder, "sender.mjs"), PROGRAM);
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  beforeEach(() => {
    file = join(folder, "asked");
    writeFileSync(file, "");
    clock = new FakeClock();
    const command = [process.execPath, join(folder, "sender.mjs"), file];
    sender = new ConsoleSender({ command, environment: {}, clock });
  });

  it("answers for each whether it was sent", async () => {
    const sent = await Promise.all([
      sender.send(1, "ctrl-c"),
      sender.send(404, "ctrl-c"),
      sender.send(3, "ctrl-break"),
    ]);
    assert.deepEqual(sent, [true, false, true]);
    assert.deepEqual(asked(), [["1=ctrl-c", "404=ctrl-c", "3=ctrl-break"]]);
  });

  it("starts a few processes, not one for each", async () => {
    const pids = Array.from({ length: 40 }, (_, index) => index + 1);
    const sent = await Promise.all(pids.map((pid) => sender.send(pid, "ctrl-c")));
    assert.ok(sent.every(Boolean));
    const sizes = asked().map((requests) => requests.length);
    assert.equal(Math.max(...sizes), 16);
    assert.deepEqual(asked().flat().sort(), pids.map((pid) => `${pid}=ctrl-c`).sort());
  });

  it("that comes to a halt takes nobody with it: the others are sent, the one is tried alone and given up", async () => {
    const halted = sender.send(666, "ctrl-c");
    const others = [sender.send(1, "ctrl-c"), sender.send(2, "ctrl-c")];
    await eventually(() => asked().length === 1, "the first sender was asked");
    clock.advance(10_000);
    assert.deepEqual(await Promise.all(others), [true, true]);
    await eventually(() => asked().some((requests) => requests.join() === "666=ctrl-c"), "it is tried alone");
    clock.advance(10_000);
    assert.equal(await halted, false);
  });

  it("that Node refuses to start at once sends nothing, and takes nobody with it", async () => {
    const refused = new ConsoleSender({ command: ["a\0b"], environment: {}, clock });
    const sent = await Promise.all([refused.send(1, "ctrl-c"), refused.send(2, "ctrl-break")]);
    assert.deepEqual(sent, [false, false]);
  });

  it("that can't be started sends nothing and says so", async () => {
    const missing = new ConsoleSender({ command: [join(folder, "missing.exe")], environment: {}, clock });
    assert.equal(await missing.send(1, "ctrl-c"), false);
  });
});
