import assert from "node:assert/strict";
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { LogReader } from "../../../runtime/logs/log-reader.ts";
import { LogSnapshot } from "../../../runtime/posix/files/log-snapshot.ts";
import { isTruncating } from "../../../runtime/posix/files/opened-for-truncation.ts";
import { TruncationInterceptor } from "../../../runtime/posix/files/truncation-interceptor.ts";
import type { RuntimeEvent } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import { bodyUnderTest } from "../body-under-test.ts";
import { theCopy } from "../logs/the-copy.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness } from "./posix-harness.ts";

const ROUNDS = 150;

/** Each round empties the log three times, the last time with what the next round may write again to the letter. */
const LOOP = `
i=0; while [ $i -lt ${ROUNDS} ]; do i=$((i+1))
  echo "plain $i"; echo "err $i" > /dev/stderr; echo "out $i" > /dev/stdout; echo same > /dev/stderr
done; echo END; exec sleep 1000`;

const LINES = Array.from({ length: ROUNDS }, (_, n) => [
  `plain ${n + 1}`,
  `err ${n + 1}`,
  `out ${n + 1}`,
  "same",
]).flat();
const WHOLE = [...LINES, "END", ""].join("\n");

const guarded = (() => {
  const guard = TruncationInterceptor.open(() => {});
  guard?.close();
  return guard !== undefined;
})();

describe("a log that others empty", () => {
  const body = bodyUnderTest(makePosixHarness);
  let events: RuntimeEvent[];
  beforeEach(() => {
    const told: RuntimeEvent[] = [];
    body.runtime.subscribe((event) => told.push(event));
    events = told;
  });
  const log = () => join(body.harness.dataDir, "homes/a/0/logs/1.out");
  const run = (script: string, logs = {}) =>
    body.runtime.start(
      launchSpec({
        uid: "a",
        command: "/bin/sh",
        args: ["-c", script],
        logs: { maxSize: 1 << 20, maxFiles: 2, stderr: "Merge", ...logs },
      }),
    );
  const read = async (options = {}): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of new LogReader(body.runtime).open(theCopy, options, new AbortController().signal))
      chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  /** Reads anew until it is as wanted. */
  const untilRead = (wanted: (text: string) => boolean, options = {}): Promise<true> =>
    eventually(async () => wanted(await read(options)), "the log is as wanted");
  const follow = () => {
    let text = "";
    const done = (async () => {
      for await (const chunk of new LogReader(body.runtime).open(
        theCopy,
        { follow: true },
        new AbortController().signal,
      )) {
        text += Buffer.from(chunk).toString();
      }
    })();
    return { text: () => text, done };
  };
  const emptied = () => events.filter((event) => event.type === "log-truncated").map(({ message }) => message);

  it("by `> /dev/stderr` keeps every line, in order, for a reader, a follower and with times", {
    skip: !guarded && "needs root (fanotify)",
  }, async () => {
    await run(LOOP);
    const follower = follow();
    await untilRead((text) => text.endsWith("END\n"));
    assert.equal(await read(), WHOLE);
    assert.equal((await read({ timestamps: true })).replace(/^\S+ /gm, ""), WHOLE);
    assert.equal(await read({ tailLines: 3 }), `out ${ROUNDS}\nsame\nEND\n`);
    await eventually(() => follower.text().length >= WHOLE.length, "the follower has seen all");
    assert.equal(follower.text(), WHOLE);
    await eventually(() => emptied().length > 0, "the trimmer notices");
    assert.equal(emptied().length, 1);
    assert.match(emptied()[0]!, /output log of run 1 was emptied .*what stood there before was kept/);
    await body.runtime.kill("a");
    await follower.done;
  });

  it("costs no more than its size, however long a workload says that it is", () => {
    const path = join(body.harness.dataDir, "9.out");
    writeFileSync(path, "first\n");
    truncateSync(path, 2 ** 32);
    writeFileSync(path, "last\n", { flag: "a" });
    const file = openSync(path, "r");
    try {
      const move = LogSnapshot.begin(file, 1 << 20)!;
      let steps = 1;
      while (!move.copyStep() && steps < 10) steps++;
      assert.ok(steps <= 2, `${steps} steps`);
      assert.equal(move.isStillThere, true);
      const { size, blocks } = statSync(`${path}.kept`);
      assert.equal(size, 2 ** 32 + 5, "offsets stay true");
      assert.ok(blocks * 512 <= 2 << 20, `${blocks} blocks`);
      move.end(true);
    } finally {
      closeSync(file);
    }
  });

  it("stays within its size, what was kept included", { skip: !guarded && "needs root (fanotify)" }, async () => {
    const line = "0123456789".repeat(10);
    await run(
      `i=0; while [ $i -lt 40 ]; do i=$((i+1)); yes ${line} | head -n 1000; echo "last $i" > /dev/stderr; done; echo END; exec sleep 1000`,
      {
        maxSize: 256 * 1024,
      },
    );
    await untilRead((text) => text === "END\n", { tailLines: 1 });
    await untilRead((text) => {
      const isWhole = /^((0123456789){10}\n|last \d+\n)/.test(text) && text.endsWith("last 40\nEND\n");
      return isWhole && text.length <= 256 * 1024 * 1.3;
    });
  });

  it("by a program that never comes so far holds up nobody: not its readers, not another's start", {
    skip: !guarded && "needs root (fanotify)",
  }, async () => {
    // The opener is stopped as soon as it has asked, so it never empties what was copied for it.
    await run(`echo before; sh -c 'kill -STOP $$; echo late > /dev/stderr' & sleep 1000`);
    await untilRead((text) => text === "before\n");
    const { pid } = await body.runtime.start(launchSpec({ uid: "b", command: "/bin/sleep", args: ["1000"] }));
    assert.ok(pid > 0);
    await body.runtime.kill("b");
    assert.equal(await read(), "before\n");
  });

  it("by a descriptor that is open already loses what stood there, says so, and a follower goes on", async () => {
    const next = join(body.harness.dataDir, "next");
    await run(`echo one, and more; until [ -e ${next} ]; do sleep 0.02; done; echo two; exec sleep 1000`);
    await untilRead((text) => text === "one, and more\n");
    const follower = follow();
    await eventually(() => follower.text() === "one, and more\n", "the follower has it");
    truncateSync(log()); // As copytruncate does it.
    await eventually(() => emptied().length > 0, "the trimmer notices");
    writeFileSync(next, "");
    await eventually(() => follower.text().endsWith("two\n"), "the follower goes on");
    assert.equal(await read(), "two\n");
    assert.equal(emptied().length, 1);
    assert.match(emptied()[0]!, /at least 14 bytes of it are lost/);
  });

  it("is settled after a daemon that died while it moved bytes: nothing twice", async () => {
    await run("echo one; exec sleep 1000");
    await untilRead((text) => text === "one\n");
    await body.runtime.close();
    writeFileSync(`${log()}.moving`, "0");
    writeFileSync(`${log()}.kept`, "one\n");
    await body.reopen();
    assert.equal(await read(), "one\n");
    assert.ok(!existsSync(`${log()}.moving`));
    await body.runtime.close();
    writeFileSync(`${log()}.moving`, "0");
    writeFileSync(`${log()}.kept`, "zero\n");
    await body.reopen();
    assert.equal(await read(), "zero\none\n");
  });

  it("is removed with what was kept of it", { skip: !guarded && "needs root (fanotify)" }, async () => {
    await run("echo one; echo two > /dev/stderr; exec sleep 1000");
    await untilRead((text) => text === "one\ntwo\n");
    assert.equal(readFileSync(`${log()}.kept`, "utf8"), "one\n");
    await body.runtime.kill("a");
    await eventually(() => body.runtime.get("a")?.treeAlive === false, "it has ended");
    await body.runtime.forget("a");
    assert.ok(!existsSync(`${log()}.kept`));
  });
});

describe("a call that opens a file", () => {
  for (const [call, arch, expected] of [
    ["257 0xffffff9c 0x7ffd 0x241 0x1b6 0x0 0x0 0x7ffc 0x7f01", "x64", true],
    ["257 0xffffff9c 0x7ffd 0x441 0x1b6 0x0 0x0 0x7ffc 0x7f01", "x64", false],
    ["2 0x7ffd 0x241 0x1b6 0x0 0x0 0x0 0x7ffc 0x7f01", "x64", true],
    ["85 0x7ffd 0x1b6 0x0 0x0 0x0 0x0 0x7ffc 0x7f01", "x64", true],
    ["56 0xffffff9c 0x7ffd 0x201 0x1b6 0x0 0x0 0x7ffc 0x7f01", "arm64", true],
    ["257 0xffffff9c 0x7ffd 0x241 0x1b6 0x0 0x0 0x7ffc 0x7f01", "arm64", false],
    ["-1 0x7ffc 0x7f01", "x64", false],
    ["running", "x64", false],
    ["", "x64", false],
  ] as const) {
    it(`${JSON.stringify(call)} on ${arch} ${expected ? "empties" : "does not empty"} it`, () =>
      assert.equal(isTruncating(call, arch), expected));
  }
});
