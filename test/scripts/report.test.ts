import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";

// A test run inside a test run: the inner one must not take itself for a part of the outer one.
const { NODE_TEST_CONTEXT: _, ...env } = process.env;

describe("the report of a test run", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "wctl-report-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const run = async (files: Record<string, string>) => {
    const paths = Object.entries(files).map(([name, body]) => {
      const path = join(directory, name);
      writeFileSync(path, `import { describe, it } from "node:test";\n${body}`);
      return path;
    });
    const program = `
      import { run } from "node:test";
      import { Report } from ${JSON.stringify(join(import.meta.dirname, "../../scripts/test/report.ts"))};
      const report = new Report();
      process.execArgv = [];
      for await (const event of run({ files: ${JSON.stringify(paths)} })) report.see(event);
      report.print();
      process.exitCode = report.isGood ? 0 : 1;`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", program];
    const { stdout, stderr, exitCode } = await execa(process.execPath, args, { env, extendEnv: false, reject: false });
    return { lastLine: stdout.split("\n").at(-1), stderr, exitCode };
  };

  it("counts tests, not suites, and is quiet about good ones", async () => {
    const body = 'describe("s", () => { it("a", () => console.log("noise")); it("b", () => {}); });';
    const { lastLine, stderr, exitCode } = await run({ "good.test.ts": body });
    assert.equal(lastLine, "2 passed, 0 failed");
    assert.equal(exitCode, 0);
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
    const body = 'describe("s", () => { it("bad", () => { console.log("noise"); throw new Error("boom"); }); });';
    const { lastLine, stderr, exitCode } = await run({ "bad.test.ts": body });
    assert.equal(lastLine, "0 passed, 1 failed");
    assert.equal(exitCode, 1);
    assert.match(stderr, /FAIL .*bad\.test\.ts: 0 passed[\s\S]*✖ bad\n\s+Error: boom[\s\S]*noise[\s\S]*failed:\n.*bad/);
  });

  it("counts a file that cannot be loaded as a failure", async () => {
    const { lastLine, stderr, exitCode } = await run({ "broken.test.ts": 'throw new Error("cannot load");' });
    assert.equal(lastLine, "0 passed, 1 failed");
    assert.equal(exitCode, 1);
    assert.match(stderr, /cannot load/);
  });

  it("counts a skipped test neither way and says why; a run without a test is a failure", async () => {
    const { lastLine, stderr, exitCode } = await run({ "skip.test.ts": 'it("x", { skip: "needs root" }, () => {});' });
    assert.match(stderr, /skipped: x \(needs root\)/);
    assert.equal(lastLine, "0 passed, 1 failed");
    assert.equal(exitCode, 1);
  });
});
