import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Report } from "../../scripts/test/report.ts";
import { runFiles } from "../../scripts/test/run-files.ts";
import { runFile } from "../../scripts/test/test-file.ts";
import { isAlive } from "../e2e/daemon-under-test.ts";
import { eventually } from "../eventually.ts";

describe("a run of test files, and its report", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "wctl-report-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const run = async (files: Record<string, string>, options: object = {}, together = false) => {
    const paths = Object.entries(files).map(([name, body]) => {
      const path = join(directory, name);
      writeFileSync(path, `import { describe, it } from "node:test";\n${body}`);
      return path;
    });
    const said: { log: string[]; error: string[] } = { log: [], error: [] };
    const report = new Report({ log: (text) => said.log.push(text), error: (text) => said.error.push(text) });
    for await (const result of runFiles(together ? [paths] : paths, options)) report.see(result);
    report.print();
    return { lastLine: said.log.at(-1), stderr: said.error.join("\n"), isGood: report.isGood };
  };

  it("counts tests, not suites, and is quiet about good ones", async () => {
    const body = 'describe("s", () => { it("a", () => console.log("noise")); it("b", () => {}); });';
    const { lastLine, stderr, isGood } = await run({ "good.test.ts": body });
    assert.equal(lastLine, "2 passed, 0 failed");
    assert.ok(isGood);
    assert.match(stderr, /^ok {3}.*good\.test\.ts: 2 passed/);
    assert.doesNotMatch(stderr, /noise/);
  });

  it("gives the tests of a shared suite to the file that ran them", async () => {
    writeFileSync(
      join(directory, "contract.ts"),
      'import { it } from "node:test";\nexport const contract = (n: number) => { for (let i = 0; i < n; i++) it("c" + i, () => {}); };',
    );
    const user = (count: number) => `import { contract } from "./contract.ts";\ncontract(${count});`;
    const { lastLine, stderr } = await run({ "one.test.ts": user(1), "three.test.ts": user(3) });
    assert.equal(lastLine, "4 passed, 0 failed");
    assert.match(stderr, /one\.test\.ts: 1 passed/);
    assert.match(stderr, /three\.test\.ts: 3 passed/);
  });

  it("tells everything about a failing file", async () => {
    const body =
      'describe("s", () => { it("bad", () => { console.log("noise"); throw new Error("boom", { cause: new Error("why") }); }); });';
    const { lastLine, stderr, isGood } = await run({ "bad.test.ts": body });
    assert.equal(lastLine, "0 passed, 1 failed");
    assert.ok(!isGood);
    assert.match(stderr, /FAIL .*bad\.test\.ts: 0 passed[\s\S]*✖ bad\n\s+Error: boom[\s\S]*cause: Error: why/);
    assert.match(stderr, /noise[\s\S]*failed:\n.*bad/);
  });

  it("counts a file that cannot be loaded as a failure, and one that ends itself before its tests have ended", async () => {
    const files = {
      "broken.test.ts": 'throw new Error("cannot load");',
      "ends.test.ts": 'it("a", () => process.exit(0));',
      "none.test.ts": "",
    };
    const { lastLine, stderr, isGood } = await run(files);
    assert.equal(lastLine, "0 passed, 3 failed");
    assert.ok(!isGood);
    assert.match(stderr, /cannot load/);
    assert.match(stderr, /ends\.test\.ts: the file/);
  });

  it("counts a skipped test neither way and says why; a run without a test is a failure", async () => {
    const { lastLine, stderr, isGood } = await run({ "skip.test.ts": 'it("x", { skip: "needs root" }, () => {});' });
    assert.match(stderr, /skipped: x \(needs root\)/);
    assert.equal(lastLine, "0 passed, 1 failed");
    assert.ok(!isGood);
  });

  it("names at its end what failed beside the files", () => {
    const said: string[] = [];
    const report = new Report({ error: (text) => said.push(text), log: () => {} });
    report.add({ passed: 4, failed: 1, failures: ["check: types"] });
    report.print();
    assert.ok(said.some((text) => /failed:\n {2}check: types/.test(text)));
  });

  it("says how much of the processor a file had, with what it started and waited for", {
    skip: process.platform !== "linux" && "only Linux tells it of children",
  }, async () => {
    const path = join(directory, "computes.test.ts");
    const compute = "while (process.cpuUsage().user < 500_000);";
    writeFileSync(
      path,
      `import { spawnSync } from "node:child_process";\nimport { it } from "node:test";
      it("a", () => void spawnSync(process.execPath, ["-e", ${JSON.stringify(compute)}]));`,
    );
    const { processorSeconds } = await runFile(path);
    assert.ok(processorSeconds >= 0.5, `${processorSeconds}`);
  });

  it("leaves out the tests it was told to", async () => {
    const body = 'describe("s", () => { it("a", () => {}); it("about Linux", () => { throw new Error("no"); }); });';
    const { lastLine } = await run({ "part.test.ts": body }, { skip: ["about Linux"] });
    assert.equal(lastLine, "1 passed, 0 failed");
  });

  describe("of files that share a process", () => {
    it("gives each its own tests, and what failed, to the file that ran them", async () => {
      const files = {
        "a.test.ts": 'describe("s", () => { it("a1", () => {}); it("a2", () => {}); });\nit("a3", () => {});',
        "b.test.ts": 'it("b1", () => { throw new Error("boom"); }); it("b2", () => {});',
        "c.test.ts": 'it("c1", async () => { await new Promise((resolve) => setTimeout(resolve, 20)); });',
      };
      const { lastLine, stderr, isGood } = await run(files, {}, true);
      assert.equal(lastLine, "5 passed, 1 failed");
      assert.ok(!isGood);
      assert.match(stderr, /^ok {3}\S*a\.test\.ts: 3 passed/m);
      assert.match(stderr, /^FAIL \S*b\.test\.ts: 1 passed[^\n]*\n {2}✖ b1\n\s+Error: boom/m);
      assert.match(stderr, /^ok {3}\S*c\.test\.ts: 1 passed/m);
    });

    it("keeps hooks to the file that has them, and gives it what happens when its tests have ended", async () => {
      const files = {
        "late.test.ts": 'it("l", () => void setTimeout(() => { throw new Error("late"); }, 50));',
        "rejects.test.ts": 'it("r", () => void setTimeout(() => void Promise.reject(new Error("refused")), 50));',
        "hooked.test.ts": `import { after, before } from "node:test";
          globalThis.given = []; before(() => given.push("before")); after(() => given.push("after"));
          it("h", () => { if (given.join() !== "before") throw new Error(given.join()); });`,
        "next.test.ts": 'it("n", () => { if (given.join() !== "before,after") throw new Error(given.join()); });',
      };
      const { lastLine, stderr } = await run(files, {}, true);
      assert.equal(lastLine, "4 passed, 2 failed");
      assert.match(stderr, /^FAIL \S*late\.test\.ts: 1 passed[^\n]*\n {2}✖ after its test had ended\n\s+Error: late/m);
      assert.match(
        stderr,
        /^FAIL \S*rejects\.test\.ts: 1 passed[^\n]*\n {2}✖ after its test had ended\n\s+Error: refused/m,
      );
      for (const name of ["hooked", "next"])
        assert.match(stderr, new RegExp(`^ok {3}\\S*${name}\\.test\\.ts: 1 passed`, "m"));
    });

    it("goes on to the next when nothing is open, and else blames who left it", async () => {
      const files = {
        "leaves.test.ts": 'import { createServer } from "node:http";\nit("l", () => void createServer().listen(0));',
        "follows.test.ts": 'it("f", () => {});',
      };
      const { lastLine, stderr } = await run(files, { limits: { idleMs: 500, computedMs: 1e9 }, lookMs: 100 }, true);
      assert.equal(lastLine, "2 passed, 1 failed");
      assert.match(stderr, /leaves\.test\.ts: 1 passed[^\n]*\n {2}✖ the file\n.*running: the end of a test file/);
      assert.match(stderr, /its event loop holds: .*TCPServerWrap/);
      assert.match(stderr, /^ok {3}\S*follows\.test\.ts: 1 passed/m);
    });

    it("counts what ended the process as failed, and runs alone what had not begun", async () => {
      const files = {
        "before.test.ts": 'it("x", () => {});',
        "ends.test.ts": 'it("y", () => process.exit(0));',
        "after.test.ts": 'it("z", () => {});',
        "broken.test.ts": 'throw new Error("cannot load");',
      };
      const { lastLine, stderr } = await run(files, {}, true);
      assert.equal(lastLine, "2 passed, 2 failed");
      assert.match(stderr, /ends\.test\.ts: the file/);
      assert.match(stderr, /^ok {3}\S*after\.test\.ts: 1 passed/m);
      assert.match(stderr, /cannot load/);
    });
  });

  describe("of a file in which nothing moves", () => {
    const impatient = { limits: { idleMs: 1_000, computedMs: 1e9 }, lookMs: 200 };
    const helper = JSON.stringify(join(import.meta.dirname, "../eventually.ts"));

    it("ends the wait, so that it tells what it waited for, and goes on with the next test", async () => {
      const body = `import { eventually } from ${helper};
        it("waits", () => eventually(() => false, "a blue moon")); it("goes on", () => {});`;
      const { lastLine, stderr } = await run({ "waits.test.ts": body }, impatient);
      assert.equal(lastLine, "1 passed, 1 failed");
      assert.match(stderr, /✖ waits\n\s+Error: did not come true: a blue moon/);
      assert.match(
        stderr,
        /stuck: it neither reported nor computed for \d+ s; running: waits\n\s+its event loop holds: .*Timeout/,
      );
    });

    it("kills it with all it started when that does not help, and says what was running", async () => {
      const body = `import { spawn } from "node:child_process";
        it("hangs", async () => {
          const { pid } = spawn("sleep", ["1000"], { stdio: "ignore" });
          console.log("child", pid, "end");
          await new Promise(() => setInterval(() => {}, 1e6));
        });`;
      const { lastLine, stderr } = await run({ "hangs.test.ts": body }, impatient);
      assert.equal(lastLine, "0 passed, 1 failed");
      assert.match(stderr, /ended with SIGKILL before all its tests had ended; stuck: .*; running: hangs/);
      const pid = Number(/child (\d+) end/.exec(stderr)?.[1]);
      await eventually(() => !isAlive(pid), "what it started has ended");
    });
  });
});
