import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { constants as c } from "../../runtime/win32/ffi/constants.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { OutputPipe } from "../../runtime/win32/files/output-pipe.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { isWindows } from "./platform.ts";
import { type Answers, recordingWinapi } from "./recording-winapi.ts";

/** A pipe into which these are printed, one after the other; then nobody is left. */
function printing(texts: string[]): Answers {
  return {
    PeekNamedPipe: (_pipe: number, _buffer: null, _length: number, _read: null, available: Buffer) => {
      const [next] = texts;
      if (next === undefined) return 0;
      available.writeUInt32LE(next.length);
      if (next === "") texts.shift();
      return 1;
    },
    ReadFile: (_pipe: number, buffer: Buffer, length: number, read: Buffer) => {
      const next = texts.shift()!;
      buffer.write(next.slice(0, length));
      read.writeUInt32LE(Math.min(next.length, length));
      if (next.length > length) texts.unshift(next.slice(length));
      return 1;
    },
  };
}

describe("what a probe prints", () => {
  it("comes through a pipe without a name: nobody can find it, open it, or be there first", () => {
    const recording = recordingWinapi();
    const pipe = OutputPipe.open(recording.api, new FakeClock(), 100);
    assert.equal(recording.of("CreatePipe").length, 1);
    const [[, , , , access, inherit, options]] = recording.of("DuplicateHandle") as [unknown[]];
    assert.deepEqual([access, inherit, options], [0, 1, c.DUPLICATE_SAME_ACCESS | c.DUPLICATE_CLOSE_SOURCE]);
    for (const call of recording.calls) {
      for (const arg of call.args) assert.ok(typeof arg !== "string" || !/pipe/i.test(arg), `${call.name}: ${arg}`);
    }
    pipe.close();
  });

  it("is kept up to a limit and read on without end, until nobody is left to write", async () => {
    const clock = new FakeClock();
    const flood = "x".repeat(200_000);
    const recording = recordingWinapi(printing(["one ", "", "two ", flood]));
    const pipe = OutputPipe.open(recording.api, clock, 10);
    pipe.given();
    for (let ms = 0; ms < 50; ms++) clock.advance(1);
    await pipe.ended;
    assert.equal(pipe.text(), `one two xx\n[${200_000 - 2} more bytes]`);
    assert.deepEqual(
      recording.open().filter((name) => name !== "CreatePipe"),
      [],
      "the writer of ours",
    );
  });

  it("never holds the loop: one look reads a bounded part of a flood", () => {
    const endless: Answers = {
      PeekNamedPipe: (...args: unknown[]) => (args[4] as Buffer).writeUInt32LE(1_000_000),
      ReadFile: (_pipe: number, _buffer: Buffer, length: number, read: Buffer) => read.writeUInt32LE(length),
    };
    const recording = recordingWinapi(endless);
    const clock = new FakeClock();
    const pipe = OutputPipe.open(recording.api, clock, 10);
    pipe.given();
    assert.ok(recording.of("ReadFile").length <= 16);
    clock.advance(1);
    assert.ok(recording.of("ReadFile").length <= 32);
    pipe.drain();
    assert.ok(recording.of("ReadFile").length <= 48, "also when somebody still writes at the end");
    pipe.close();
    clock.advance(100);
    assert.ok(recording.of("ReadFile").length <= 48, "nothing is read after the end");
  });

  it("leaves no handle, whatever fails", () => {
    for (let calls = 0; calls < 3; calls++) {
      const recording = recordingWinapi();
      recording.failAfter(calls);
      try {
        const pipe = OutputPipe.open(recording.api, new FakeClock(), 10);
        pipe.given();
        pipe.close();
      } catch {
        // As it should.
      }
      // The first writer goes with DUPLICATE_CLOSE_SOURCE, also when the copy can't be made.
      assert.deepEqual(recording.open(), calls === 0 ? [] : ["CreatePipe"], `call ${calls} failed`);
    }
  });

  it("can't be met by strangers: no pipe of that moment is ours", {
    skip: isWindows ? false : "needs Windows",
  }, async () => {
    const pipe = OutputPipe.open(loadWinapi(), systemClock, 100);
    try {
      const names = ((): string[] => {
        try {
          return readdirSync("\\\\.\\pipe\\");
        } catch {
          return []; // Wine lists none.
        }
      })();
      assert.deepEqual(
        names.filter((name) => name.includes("wctl-exec")),
        [],
      );
    } finally {
      pipe.close();
    }
    await pipe.ended;
  });
});
