/** A follower of a copy on Windows, where files tell of their growth only when they are flushed. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type LogFrame, LogFrameReader } from "../../api/log-frame.ts";
import { LogReader } from "../../runtime/logs/log-reader.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { eventually } from "../eventually.ts";
import { theCopy } from "../runtime/logs/the-copy.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { makeWin32Harness } from "./win32-harness.ts";

const TALKS = `let n = 0; setInterval(() => console.log("run " + process.env.WCTL_RUN + " line " + ++n), 20);`;

const skip = isWindows ? false : "needs Windows: make test-windows";

describe("a followed log on Windows", { skip }, () => {
  it("goes on into the next run, and over daemons from the position of the last frame", async () => {
    const harness = makeWin32Harness();
    const folder = mkdtempSync(join(tmpdir(), "wctl-follow-"));
    const program = join(folder, "talks.mjs");
    writeFileSync(program, TALKS);
    const frames: LogFrame[] = [];
    const output = (): string =>
      frames.map((frame) => (frame.type === "output" ? Buffer.from(frame.bytes).toString() : "")).join("");
    const positionOf = (): string | undefined => frames.findLast((frame) => frame.type !== "begin")?.position;
    const follow = (runtime: Runtime) => {
      const controller = new AbortController();
      const position = positionOf();
      const options = { frames: true, follow: true, ...(position !== undefined && { position }) };
      const done = (async () => {
        const decode = new LogFrameReader();
        for await (const chunk of new LogReader(runtime).open(theCopy, options, controller.signal))
          frames.push(...decode.push(chunk));
      })();
      return async () => {
        controller.abort();
        await done;
      };
    };
    const start = (runtime: Runtime, run: number) =>
      runtime.start(launchSpec({ uid: "a", run, command: process.execPath, args: [program] }));
    let runtime = await harness.open();
    try {
      await start(runtime, 1);
      const first = follow(runtime);
      await eventually(() => output().includes("run 1 line 3"), "the first run");
      await runtime.kill("a");
      await start(runtime, 2);
      await eventually(() => output().includes("run 2 line 3"), "the second run");
      await first();
      await runtime.close();
      runtime = await harness.open();
      await runtime.recover();
      const before = output().length;
      const second = follow(runtime);
      await eventually(() => output().length > before + 50, "more of the second run");
      await runtime.kill("a");
      await eventually(() => frames.filter(({ type }) => type === "end").length === 2, "the end of the second run");
      await second();
      const said = frames.map(({ type, run }) => (type === "output" ? "" : `${type} ${run}`)).filter(Boolean);
      assert.deepEqual(said, ["begin 1", "end 1", "begin 2", "begin 2", "end 2"]);
      for (const run of [1, 2]) {
        const lines = output().match(new RegExp(`run ${run} line \\d+`, "g")) ?? [];
        assert.deepEqual(
          lines,
          lines.map((_, index) => `run ${run} line ${index + 1}`),
        );
      }
    } finally {
      await runtime.kill("a");
      await runtime.close();
      await harness.dispose();
      rmSync(folder, { recursive: true });
    }
  });
});
