import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";

const root = join(import.meta.dirname, "fixtures/executable");

describe("the single executable", () => {
  let directory: string;
  let program: string;
  const build = async () => execa(process.execPath, ["scripts/build.ts", "--root", root, "--out", program]);
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "wctl-build-"));
    program = join(directory, "program");
    await build();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("runs with its own Node options and ignores NODE_OPTIONS", async () => {
    const env = { NODE_OPTIONS: "--inspect=127.0.0.1:0 --title=poisoned" };
    const { stdout, stderr } = await execa(program, ["a", "--inspect"], { env });
    assert.deepEqual(JSON.parse(stdout), {
      args: ["a", "--inspect"],
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-sigusr1", "--openssl-config=/dev/null"],
      text: "ä→😀",
    });
    assert.equal(stderr, "");
  });

  it("loads no library that OPENSSL_CONF names", async () => {
    const config = join(directory, "openssl.cnf");
    writeFileSync(
      config,
      `nodejs_conf = init\n[init]\nengines = all\n[all]\nbad = one\n[one]\ndynamic_path = ${directory}/none.so\ninit = 1\n`,
    );
    const { stderr, exitCode } = await execa(program, ["a"], { env: { OPENSSL_CONF: config }, reject: false });
    assert.deepEqual({ stderr, exitCode }, { stderr: "", exitCode: 0 });
  });

  it("writes no coverage, believes no certificate more, and hands on no setting of Node", async () => {
    const coverage = join(directory, "coverage");
    const env = { NODE_V8_COVERAGE: coverage, NODE_TLS_REJECT_UNAUTHORIZED: "0", UV_THREADPOOL_SIZE: "1" };
    const { stdout } = await execa(program, ["environment"], { env });
    assert.deepEqual(
      (JSON.parse(stdout) as string[]).filter((name) => name in env),
      [],
    );
    assert.deepEqual(existsSync(coverage) ? readdirSync(coverage) : [], []);
  });

  it("loads the daemon, koffi, a worker with koffi, and SQLite without a word on stderr", async () => {
    const { stdout, stderr, exitCode } = await execa(program, ["daemon", "x"], { reject: false, cwd: directory });
    assert.equal(stderr, "");
    const { pid, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, {
      argv: ["x"],
      answer: 42,
      fromWorker: { said: "hello", pid, sqlite: "function" },
      url: "string",
    });
    assert.equal(exitCode, 7);
  });

  it("is the same file when it is built again elsewhere", async () => {
    const again = join(directory, "again");
    await execa(process.execPath, ["scripts/build.ts", "--root", root, "--out", again]);
    assert.ok(readFileSync(again).equals(readFileSync(program)));
  });

  it("is not built again while nothing changed", async () => {
    const { stderr } = await build();
    assert.match(stderr, /up to date/);
  });
});
