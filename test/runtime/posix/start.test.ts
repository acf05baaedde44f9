import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { SEARCH_PATH } from "../../../runtime/posix/process/base-environment.ts";
import { readStat } from "../../../runtime/posix/process/proc.ts";
import type { LaunchSpec } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import type { Observer } from "../observer.ts";
import { sharedRuntime } from "../shared-runtime.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness, type PosixHarness } from "./posix-harness.ts";
import { fixture } from "./programs.ts";

describe("a workload starts", () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  let seen: Observer;
  let starts = 0;
  sharedRuntime(makePosixHarness, (shared) => {
    ({ harness, runtime, seen } = shared);
  });

  const outputOf = async (spec: Partial<LaunchSpec> & Pick<LaunchSpec, "command">): Promise<string> => {
    const uid = `start-${++starts}`;
    await runtime.start(launchSpec({ uid, ...spec }));
    const { exit } = await seen.saw("tree-ended", uid).then(() => seen.saw("exited", uid));
    assert.equal(exit.code, 0, harness.output(uid));
    return harness.output(uid);
  };

  it("with the descriptors 0, 1 and 2 and no other, many at a time", async () => {
    const secrets = Array.from({ length: 20 }, () => openSync("/etc/passwd", "r"));
    assert.equal(secrets.length, 20);
    const uids = Array.from({ length: 50 }, (_, index) => `fds-${index}`);
    await Promise.all(uids.map((uid) => runtime.start(launchSpec({ uid, ...fixture("runs-forever") }))));
    // Its loader may still have a library open.
    for (const uid of uids)
      await eventually(
        () => String(readdirSync(`/proc/${runtime.get(uid)!.pid}/fd`)) === "0,1,2",
        "the descriptors 0, 1 and 2 and no other",
      );
    for (const fd of secrets) closeSync(fd);
  });

  it("with /dev/null as input and its own append-only file as output", async () => {
    await runtime.start(launchSpec({ uid: "io", ...fixture("runs-forever") }));
    const pid = runtime.get("io")!.pid;
    const [run] = await runtime.runs("io");
    assert.equal(readlinkSync(`/proc/${pid}/fd/0`), "/dev/null");
    assert.equal(readlinkSync(`/proc/${pid}/fd/1`), run!.stdout);
    assert.equal(readlinkSync(`/proc/${pid}/fd/2`), run!.stdout);
    const flags = Number.parseInt(/flags:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/1`, "utf8"))![1]!, 8);
    assert.equal(flags & 0o2000, 0o2000);
    assert.equal(statSync(run!.stdout).mode & 0o777, 0o600);
  });

  it("in a session of its own, with no signal blocked or ignored", async () => {
    await runtime.start(launchSpec({ uid: "session", ...fixture("runs-forever") }));
    const pid = runtime.get("session")!.pid;
    assert.equal(readStat(pid)!.session, pid);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    for (const name of ["SigBlk", "SigIgn", "SigCgt"]) assert.match(status, new RegExp(`${name}:\\s+0+\\n`));
  });

  it("with the base environment and what was declared, nothing of the daemon's", async () => {
    const poison = [
      "NODE_OPTIONS",
      "LD_PRELOAD",
      "PATH",
      "SSL_CERT_FILE",
      "GIT_DIR",
      "HTTP_PROXY",
      "AWS_SECRET_ACCESS_KEY",
      "TZ",
    ];
    const own = Object.fromEntries(poison.map((name) => [name, process.env[name]]));
    try {
      for (const name of poison) process.env[name] = `/poison/${name}`;
      const text = await outputOf({ command: "env", env: { PORT: "8080", LANG: "de_DE.UTF-8" } });
      const lines = Object.fromEntries(
        text
          .trimEnd()
          .split("\n")
          .map((line) => [line.split("=")[0], line]),
      );
      assert.ok(!text.includes("/poison/"));
      assert.deepEqual(Object.keys(lines).sort(), [
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "PORT",
        "SHELL",
        "TMPDIR",
        "USER",
        "WCTL_DATA_ID",
        "WCTL_INSTANCE_UID",
        "WCTL_RUN",
        "WCTL_RUN_PROOF",
        "WCTL_STATE_DIR",
      ]);
      assert.equal(lines.PATH, `PATH=${SEARCH_PATH}`);
      assert.equal(lines.LANG, "LANG=de_DE.UTF-8");
      assert.equal(lines.WCTL_RUN, "WCTL_RUN=1");
    } finally {
      for (const [name, value] of Object.entries(own)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("with nothing but what was declared for None", async () => {
    const text = await outputOf({ command: "/usr/bin/env", inheritEnvironment: "None", env: { A: "1" } });
    assert.deepEqual(
      text
        .trimEnd()
        .split("\n")
        .map((line) => line.split("=")[0]),
      ["A", "WCTL_STATE_DIR", "WCTL_INSTANCE_UID", "WCTL_RUN", "WCTL_DATA_ID", "WCTL_RUN_PROOF"],
    );
  });

  it("never takes its identity from what was declared", async () => {
    const env = { WCTL_INSTANCE_UID: "another", WCTL_RUN: "99", WCTL_DATA_ID: "feed" };
    const text = await outputOf({ command: "env", env });
    assert.match(text, new RegExp(`^WCTL_INSTANCE_UID=start-${starts}$`, "m"));
    assert.match(text, /^WCTL_RUN=1$/m);
    assert.doesNotMatch(text, /feed/);
  });

  it("with exactly the arguments that were given, whatever is in them", async () => {
    const nasty = [
      "",
      " ",
      "a b",
      '"',
      "'",
      "\\",
      "$(touch /tmp/canary)",
      "`id`",
      "; id",
      "&&",
      "|",
      "%PATH%",
      "*",
      "~",
      "-",
      "--",
      "\n",
      "\t",
      "ü€😀",
      'a\\\\"b',
      "\u0001",
    ];
    const told = async (args: string[]) =>
      (await outputOf(fixture("prints-arguments", ...args))).split("\0").slice(0, -1);
    assert.deepEqual(await told(nasty), nasty);
    const text = fc.string({ unit: "grapheme-composite", maxLength: 60 }).map((value) => value.replaceAll("\0", ""));
    const random = fc.sample(fc.array(text, { maxLength: 40 }), 5);
    for (const args of random) assert.deepEqual(await told(args), args);
    const long = ["x".repeat(100_000)];
    assert.deepEqual(await told(long), long);
  });

  it("in its own folder unless another is named", async () => {
    const text = await outputOf({ command: "pwd" });
    assert.equal(text.trimEnd(), join(harness.dataDir, "homes", `start-${starts}`, "0", "work"));
    const elsewhere = mkdtempSync(join(tmpdir(), "wctl-work-"));
    try {
      assert.equal(await outputOf({ command: "pwd", workingDir: elsewhere }), `${elsewhere}\n`);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it("with stderr beside stdout when they are to be separate", async () => {
    const logs = { maxSize: 1 << 20, maxFiles: 2, stderr: "Separate" as const };
    const text = await outputOf({ command: "sh", args: ["-c", "echo out; echo err >&2"], logs });
    const [run] = await runtime.runs(`start-${starts}`);
    assert.equal(text, "out\n");
    assert.equal(readFileSync(run!.stderr!, "utf8"), "err\n");
  });
});
