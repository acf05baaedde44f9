import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LaunchSpec } from "../../runtime/runtime.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { inheritable } from "../../runtime/win32/security/security-attributes.ts";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import type { Observer } from "../runtime/observer.ts";
import { sharedRuntime } from "../runtime/shared-runtime.ts";
import { launchSpec } from "../runtime/specs.ts";
import { nastyArguments, windowsText } from "./arguments.ts";
import { isWindows, isWine } from "./platform.ts";
import { fixture, makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";

/** As many in a command line as Windows is sure to take: with quotes around it and a backslash before every character an argument is twice as long. */
function filled(all: readonly string[]): string[][] {
  const lines: string[][] = [];
  let room = 0;
  for (const arg of all) {
    room -= 2 * arg.length + 3;
    if (room < 0) {
      lines.push([]);
      room = 31_000 - 2 * arg.length - 3;
    }
    lines.at(-1)!.push(arg);
  }
  return lines;
}

describe("a workload on Windows starts", { skip }, () => {
  let harness: Win32Harness;
  let runtime: Win32Runtime;
  let seen: Observer;
  let starts = 0;
  sharedRuntime(makeWin32Harness, (shared) => {
    ({ harness, runtime, seen } = shared);
  });

  const outputOf = async (spec: Partial<LaunchSpec> & Pick<LaunchSpec, "command">): Promise<string> => {
    const uid = `start-${++starts}`;
    await runtime.start(launchSpec({ uid, ...spec }));
    const { exit } = await seen.saw("tree-ended", uid).then(() => seen.saw("exited", uid));
    assert.equal(exit.code, 0, harness.output(uid));
    return harness.output(uid);
  };

  it("with exactly the arguments that were given: 10,000 random ones", async () => {
    const told = async (args: string[]) => JSON.parse(await outputOf(fixture("prints-arguments", ...args)));
    assert.deepEqual(await told([...nastyArguments]), nastyArguments);
    for (const args of filled(fc.sample(windowsText, 10_000))) {
      assert.deepEqual(
        await told(args),
        args.map((arg) => arg.toWellFormed()),
      );
    }
  });

  it("with a command line as long as Windows takes, and not one character more", async () => {
    const { command, args } = fixture("prints-arguments");
    const rest = 32_766 - `"${command}" ${args[0]} `.length;
    assert.deepEqual(JSON.parse(await outputOf({ command, args: [...args, "x".repeat(rest)] })), ["x".repeat(rest)]);
    await assert.rejects(runtime.start(launchSpec({ uid: "long", command, args: [...args, "x".repeat(rest + 1)] })), {
      reason: "InvalidArgument",
      message: /32767 characters/,
    });
  });

  it("with its declared files in place", async () => {
    const files = [
      { path: "conf\\app.conf", content: Buffer.from("level=1"), mode: 0o644, isSecret: false },
      { path: "token", content: Buffer.from("t"), mode: 0o400, isSecret: true },
    ];
    const script =
      'const read = (name) => require("node:fs").readFileSync(name, "utf8"); console.log(read("conf/app.conf"), read("token"))';
    assert.equal((await outputOf({ command: process.execPath, args: ["-e", script], files })).trim(), "level=1 t");
  });

  it("with the variables of a file that its account may read, which declared ones win over", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "wctl-env-")), "app.env");
    writeFileSync(path, "FROM_FILE='one two'\nBOTH=file\n");
    const spec = { envFiles: [{ path }, { path: `${path}.none`, optional: true }], env: { BOTH: "declared" } };
    const script = "console.log(process.env.FROM_FILE, process.env.BOTH)";
    assert.equal(
      (await outputOf({ command: process.execPath, args: ["-e", script], ...spec })).trim(),
      "one two declared",
    );
    const missing = launchSpec({ uid: "no-env", ...fixture("prints-arguments"), envFiles: [{ path: `${path}.none` }] });
    await assert.rejects(runtime.start(missing), {
      reason: "InvalidArgument",
      message: /app\.env\.none\) does not exist/,
    });
  });

  it("with one handle beside its standard ones, which can only ask about its job; several at a time", async () => {
    const api = loadWinapi();
    // Wine fails a start (ERROR_INTERNAL_ERROR) whose process takes too long to come up, so not more than a busy machine can bear.
    const together = 8;
    const secrets = Array.from({ length: together }, (_, n) =>
      api.CreateEventW(inheritable(), 1, 0, `Local\\wctl-test-${process.pid}-${n}`),
    );
    const uids = Array.from({ length: together }, (_, n) => `handles-${n}`);
    const logs = { maxSize: 1 << 20, maxFiles: 2, stderr: "Separate" as const };
    await Promise.all(
      uids.map((uid) => runtime.start(launchSpec({ uid, logs, ...fixture("prints-handles", ...secrets.map(String)) }))),
    );
    for (const uid of uids) {
      await seen.saw("tree-ended", uid);
      const [run] = await runtime.runs(uid);
      assert.equal(readFileSync(run!.stderr!, "utf8"), "");
      const { events, ...report } = JSON.parse(harness.output(uid));
      assert.deepEqual(report, { extra: 1, jobs: 1, mayChange: false, mayAssign: false });
      for (const secret of secrets) assert.equal(api.WaitForSingleObject(secret, 0), 258, "nobody could set it");
      assert.equal(events.length, together);
    }
    for (const secret of secrets) api.CloseHandle(secret);
  });

  it("with the machine's variables and what was declared, nothing of the daemon's", async () => {
    const poison = ["NODE_OPTIONS", "OPENSSL_CONF", "SSL_CERT_FILE", "GIT_DIR", "HTTP_PROXY", "AWS_SECRET_ACCESS_KEY"];
    const own = Object.fromEntries(poison.map((name) => [name, process.env[name]]));
    try {
      for (const name of poison) process.env[name] = `poison-${name}`;
      const env = { PORT: "8080", path: "C:\\mine", GREETING: "grüße €" };
      const told = JSON.parse(await outputOf({ ...fixture("prints-environment"), env }));
      assert.equal(told.PORT, "8080");
      assert.equal(told.GREETING, "grüße €");
      assert.deepEqual(
        Object.keys(told).filter((name) => name.toUpperCase() === "PATH"),
        ["path"],
        "one variable, whatever its case, and the declared one wins",
      );
      assert.equal(told.path, "C:\\mine");
      assert.match(told.SystemRoot, /^C:\\windows$/i);
      assert.equal(told.WCTL_RUN, "1");
      assert.equal(told.WCTL_INSTANCE_UID, `start-${starts}`);
      for (const name of [...poison, "WINEPREFIX", "HOME"]) assert.equal(told[name], undefined);
    } finally {
      for (const [name, value] of Object.entries(own)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("with nothing but what was declared for None", async () => {
    const spec = { ...fixture("prints-environment"), inheritEnvironment: "None" as const };
    const told = JSON.parse(await outputOf({ ...spec, env: { A: "1", SystemRoot: "C:\\windows" } }));
    const names = ["A", "SystemRoot", "WCTL_DATA_ID", "WCTL_INSTANCE_UID", "WCTL_RUN", "WCTL_STATE_DIR"];
    for (const name of names) assert.ok(name in told, name);
    for (const name of ["ComSpec", "OS", "TEMP", "PROCESSOR_LEVEL"]) assert.ok(!(name in told), name);
  });

  it("in its own folder unless another is named", async () => {
    const command = { command: process.execPath, args: ["-e", "console.log(process.cwd())"] };
    assert.equal((await outputOf(command)).trimEnd(), join(harness.dataDir, "homes", `start-${starts}`, "0", "work"));
    const elsewhere = mkdtempSync(join(tmpdir(), "wctl-work-"));
    assert.equal(await outputOf({ ...command, workingDir: elsewhere }), `${elsewhere}\n`);
    rmSync(elsewhere, { recursive: true });
  });

  it("with output that it can only append, and that others can read meanwhile", async () => {
    const script = `const fs = require("fs"); fs.writeSync(1, "one\\n"); fs.writeSync(2, "two\\n");
      let read = "readable"; try { fs.readSync(1, Buffer.alloc(1), 0, 1, 0); } catch (e) { read = "not readable"; }
      fs.writeSync(1, read + "\\n");`;
    const logs = { maxSize: 1 << 20, maxFiles: 2, stderr: "Separate" as const };
    const text = await outputOf({ command: process.execPath, args: ["-e", script], logs });
    assert.equal(text, "one\nnot readable\n");
    const [run] = await runtime.runs(`start-${starts}`);
    assert.equal(readFileSync(run!.stderr!, "utf8"), "two\n");
    assert.equal(statSync(run!.stdout).size, text.length);
  });

  it("by bare name only from the system's folders, not from the working directory", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-decoy-"));
    writeFileSync(join(folder, "decoy.exe"), "");
    const spec = launchSpec({ uid: "decoy", command: "decoy", workingDir: folder });
    await assert.rejects(runtime.start(spec), { reason: "CommandNotFound", message: /System32/i });
    const { pid } = await runtime.start(launchSpec({ uid: "found", command: "cmd", args: ["/d", "/c", "exit 0"] }));
    assert.ok(pid > 0);
    await seen.saw("tree-ended", "found");
    rmSync(folder, { recursive: true });
  });

  it("or not at all, with a reason that says what to do", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-start-"));
    const file = join(folder, "not-a-program.exe");
    writeFileSync(file, "rubbish");
    mkdirSync(join(folder, "a.exe"));
    const { command } = fixture("runs-forever");
    const cases: [spec: Partial<LaunchSpec>, reason: string, message: RegExp][] = [
      [{ command: "C:\\no\\such.exe" }, "CommandNotFound", /does not exist/],
      [{ command: "nosuchprogram" }, "CommandNotFound", /not found in/],
      [{ command: file }, "NotExecutable", /is not a program/],
      [{ command: join(folder, "a.exe") }, "NotExecutable", /directory/],
      [{ command: "C:\\x\\run.bat" }, "ScriptRefused", /cmd\.exe/],
      [{ command: "C:run.exe" }, "InvalidArgument", /drive/],
      [{ command: "\\\\server\\share\\run.exe" }, "InvalidArgument", /network/],
      [{ command: "..\\run.exe" }, "InvalidArgument", /absolute/],
      [{ command: "C:\\x\\nul" }, "InvalidArgument", /device/],
      [{ command, workingDir: join(folder, "none") }, "WorkingDirNotFound", /does not exist/],
      [{ command, workingDir: file }, "WorkingDirNotFound", /not a directory/],
      [{ command, workingDir: "C:x" }, "InvalidArgument", /drive/],
      [{ command, workingDir: `C:\\${"x".repeat(300)}` }, "InvalidArgument", /258/],
      [{ command, args: ["a\0b"] }, "InvalidArgument", /NUL/],
      [{ command, env: { "A=B": "" } }, "InvalidArgument", /environment variable/],
    ];
    for (const [spec, reason, message] of cases) {
      await assert.rejects(runtime.start(launchSpec({ uid: "never", command, ...spec })), { reason, message });
      assert.equal(runtime.get("never"), undefined);
      assert.deepEqual(await runtime.runs("never"), []);
    }
    rmSync(folder, { recursive: true });
  });

  const noLongPaths = isWine && "Wine 8 can't start a long path with extended startup information";
  it("from a path of more than 260 characters", { skip: noLongPaths }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-long-"));
    const deep = join(folder, ..."abcdef".split("").map((letter) => letter.repeat(50)));
    mkdirSync(deep, { recursive: true });
    const image = join(deep, "long.exe");
    writeFileSync(image, readFileSync(join(process.env.SystemRoot ?? "C:\\windows", "System32", "cmd.exe")));
    const { pid } = await runtime.start(launchSpec({ uid: "deep", command: image, args: ["/d", "/c", "exit 3"] }));
    assert.ok(pid > 0);
    assert.equal((await seen.saw("exited", "deep")).exit.code, 3);
    rmSync(folder, { recursive: true, maxRetries: 5 });
  });

  it("and what the system refuses is said, not swallowed", async () => {
    const limits = { cpu: 0.5, memory: 512 * 2 ** 20, processes: 10 };
    const spec = { ...fixture("runs-forever"), limits, priorityClass: "BelowNormal" as const, affinity: [0] };
    const { unenforced } = await runtime.start(launchSpec({ uid: "limited", ...spec }));
    const fields = unenforced.map(({ field }) => field);
    // Wine knows neither CPU rates nor sparse files; Windows knows both.
    assert.deepEqual(fields, isWine ? ["logs.maxSize", "resources.limits.cpu"] : []);
    for (const { reason } of unenforced) assert.match(reason, /ERROR_|error \d+/);
  });
});
