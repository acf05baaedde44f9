import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { execa } from "execa";
import { createLogger, type RootLogger } from "../../lib/winston-logger.ts";

describe("createLogger", () => {
  let directory: string;
  let path: string;
  let logger: RootLogger | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "wctl-log-"));
    path = join(directory, "logs/wctld.log");
  });
  afterEach(async () => {
    await logger?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const open = () => {
    logger = createLogger({ level: "info", file: { path, maxBytes: 1_000_000, maxFiles: 3 } });
    return logger;
  };
  const lines = () =>
    readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("writes one JSON object a line, in order, readable by the owner only", async () => {
    const log = open();
    log.info("started", { port: 7443 });
    log.child({ object: "default/web" }).child({ attempt: 2 }).warn("restarting", { exitCode: 3, level: "forged" });
    await log.close();
    const [first, second] = lines();
    assert.match(first.time, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual({ ...first, time: "" }, { time: "", level: "info", message: "started", port: 7443 });
    assert.deepEqual(
      { ...second, time: "" },
      { time: "", level: "warn", message: "restarting", object: "default/web", attempt: 2, exitCode: 3 },
    );
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("changes its level at run time, for children made before too", async () => {
    const log = open();
    const child = log.child({});
    child.debug("one");
    log.setLevel("debug");
    child.debug("two");
    log.setLevel("warn");
    child.info("three");
    await log.close();
    assert.deepEqual(
      lines().map(({ message }) => message),
      ["two"],
    );
  });

  it("writes errors with their causes, big integers, cycles, and fields that cannot be read", async () => {
    const log = open();
    const cycle: Record<string, unknown> = { big: 5n };
    cycle.self = cycle;
    const cause = new Error("disk full");
    cause.cause = cause;
    log.error("failed", { error: new Error("write failed", { cause }), cycle });
    log.error("odd", { get: { toJSON: () => assert.fail("unreadable") } });
    log.error("odder", {
      get get() {
        return assert.fail("unreadable too");
      },
    });
    await log.close();
    const [first, second, third] = lines();
    assert.equal(first.error.message, "write failed");
    assert.match(first.error.stack, /winston-logger\.test/);
    assert.equal(first.error.cause.message, "disk full");
    assert.equal(first.error.cause.cause, "[circular]");
    assert.deepEqual(first.cycle, { big: "5", self: "[circular]" });
    assert.equal(second.message, "odd");
    assert.match(second.fieldsUnreadable, /unreadable/);
    assert.match(third.fieldsUnreadable, /unreadable too/);
  });

  it("loses lines, not the daemon, when the file cannot be written, and says how many when it can again", async () => {
    writeFileSync(join(directory, "logs"), "in the way");
    const log = open();
    log.info("lost 1");
    log.info("lost 2");
    await log.flush();
    rmSync(join(directory, "logs"));
    log.info("kept");
    await log.close();
    assert.deepEqual(
      lines().map(({ message, count }) => [message, count]),
      [
        ["log lines were lost", 2],
        ["kept", undefined],
      ],
    );
  });

  it("writes the human form to stderr without colours for a pipe, and nothing to stdout", async () => {
    const program = `
      import { createLogger } from "./lib/winston-logger.ts";
      const log = createLogger({ level: "info", console: true });
      log.warn("two\\nlines \\u001b[31mred\\u001b[0m\\u0008", { name: "a b", bidi: "x\\u202ey", n: 3 });
      await log.close();`;
    const { stdout, stderr } = await execa(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      "--input-type=module-typescript",
      "-e",
      program,
    ]);
    assert.equal(stdout, "");
    assert.match(stderr, /^\S+Z WARN {2}two\\u000alines red\\u0008 name="a b" bidi=x\\u202ey n=3$/);
  });
});
