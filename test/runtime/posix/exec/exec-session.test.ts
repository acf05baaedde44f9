import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import type { ExecRequest, ExecSession } from "../../../../api/exec/exec-session.ts";
import type { PosixRuntime } from "../../../../runtime/posix/posix-runtime.ts";
import { eventually } from "../../../eventually.ts";
import { endAll } from "../../end-all.ts";
import { launchSpec } from "../../specs.ts";
import { markedProcesses } from "../marked.ts";
import { makePosixHarness, type PosixHarness } from "../posix-harness.ts";
import { fixture } from "../programs.ts";

describe("a session beside a workload", () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  const marked = () => markedProcesses(harness.dataDir).get("a") ?? [];
  const open = (script: string, more: Partial<ExecRequest> = {}): Promise<ExecSession> =>
    runtime.openExec("a", { command: ["/bin/sh", "-c", script], stdin: true, ...more });
  /** Reads until this was printed. */
  const until = async (session: ExecSession, end: RegExp): Promise<string> => {
    let seen = "";
    session.stdout.on("data", (chunk) => {
      seen += chunk;
    });
    await eventually(() => end.test(seen), `${end} is printed`);
    return seen;
  };
  before(async () => {
    harness = makePosixHarness();
    runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever"), env: { COLOUR: "blue" } }));
  });
  after(async () => {
    await endAll(runtime);
    await runtime.close();
    await harness.dispose();
  });

  it("has input, both outputs and an exit code, in the environment and directory of the workload", async () => {
    const session = await open("cat; echo $COLOUR $WCTL_INSTANCE_UID; pwd; echo err >&2; exit 3");
    session.stdin!.end("typed ");
    const [out, err] = await Promise.all([text(session.stdout), text(session.stderr!)]);
    assert.equal(out, `typed blue a\n${join(harness.dataDir, "homes", "a", "0", "work")}\n`);
    assert.deepEqual([err, await session.ended], ["err\n", { code: 3 }]);
    await session.close();
  });

  it("has an empty input unless one is asked for", async () => {
    const session = await open("cat; echo end", { stdin: false });
    assert.deepEqual([session.stdin, await text(session.stdout)], [undefined, "end\n"]);
    await session.close();
  });

  it("delivers all to a slow reader, and holds the program up meanwhile", async () => {
    const session = await open("head -c 3000000 /dev/zero");
    await eventually(() => session.stdout.readableLength > 0, "it prints");
    let bytes = 0;
    for await (const chunk of session.stdout) {
      bytes += (chunk as Buffer).length;
      await new Promise(setImmediate);
    }
    assert.deepEqual([bytes, await session.ended], [3_000_000, { code: 0 }]);
    await session.close();
  });

  it("is a terminal's with its size, and Ctrl-C ends what runs in it", async () => {
    const terminal = { columns: 111, rows: 33, name: "vt100" };
    const session = await open(
      "trap 'echo caught; exit 5' INT; stty size; tty; echo $TERM; while :; do sleep 0.02; done",
      { terminal },
    );
    const before = await until(session, /vt100/);
    assert.match(before, /^33 111\r\n\/dev\/pts\/\d+\r\nvt100/);
    session.stdin!.write("\x03");
    await until(session, /caught/);
    assert.deepEqual(await session.ended, { code: 5 });
    assert.equal(session.stderr, undefined);
    await session.close();
  });

  it("hears of a new size", async () => {
    const terminal = { columns: 80, rows: 24, name: "xterm" };
    const session = await open("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.02; done", {
      terminal,
    });
    await until(session, /ready/);
    session.resize({ columns: 60, rows: 20 });
    await until(session, /20 60/);
    await session.close();
    session.resize({ columns: 1, rows: 1 });
  });

  it("has a terminal to which nobody else writes, not even the group of the account", async () => {
    const terminal = { columns: 80, rows: 24, name: "xterm" };
    const session = await open('stat -c "%a" "$(tty)"', { stdin: false, terminal });
    assert.equal(await text(session.stdout), "600\r\n");
    await session.close();
  });

  it("does not hold up the daemon when nothing in the terminal reads", async () => {
    const terminal = { columns: 80, rows: 24, name: "xterm" };
    const session = await open("stty raw -echo; echo ready; exec sleep 1000", { terminal });
    await until(session, /ready/);
    session.stdin!.on("error", () => {});
    for (let nth = 0; nth < 64; nth++) session.stdin!.write(Buffer.alloc(4096, "x"));
    await new Promise(setImmediate);
    await session.close();
    assert.deepEqual(await session.ended, { signal: "SIGKILL" });
  });

  it("ends with all that the command left behind, in whatever session", async () => {
    const before = marked();
    const session = await open("/usr/bin/setsid /bin/sleep 1000 & echo done; exit 4");
    assert.deepEqual([await text(session.stdout), await session.ended], ["done\n", { code: 4 }]);
    assert.deepEqual(marked(), before);
    await session.close();
  });

  it("is closed at any time: the command and all it started are ended", async () => {
    const before = marked();
    const session = await open("/usr/bin/setsid /bin/sleep 1000 & echo begun; sleep 1000");
    await until(session, /begun/);
    await session.close();
    await session.close();
    assert.deepEqual([await session.ended, marked()], [{ signal: "SIGKILL" }, before]);
  });

  it("fails as a start does: at once, or when the launcher tells", async () => {
    const request = (command: string): ExecRequest => ({ command: [command], stdin: false });
    await assert.rejects(runtime.openExec("a", request("no-such-command")), { reason: "CommandNotFound" });
    await assert.rejects(runtime.openExec("b", request("true")), { reason: "InvalidArgument" });
    const session = await runtime.openExec("a", request("/no/such/command"));
    await assert.rejects(session.ended, { reason: "CommandNotFound" });
    assert.equal(await text(session.stdout), "");
    await session.close();
  });

  it("leaves no descriptor behind", async () => {
    const fds = () => readdirSync("/proc/self/fd").length;
    const before = fds();
    for (const terminal of [undefined, { columns: 80, rows: 24, name: "xterm" }]) {
      const session = await open("echo x", { ...(terminal && { terminal }) });
      await text(session.stdout);
      await session.ended;
      await session.close();
    }
    await assert.rejects(runtime.openExec("a", { command: ["no-such-command"], stdin: true }));
    await eventually(() => fds() <= before, "what they held is closed");
  });

  it("ends when the daemon that opened it is gone", async () => {
    const session = await open("trap '' HUP PIPE; exec /bin/sleep 1000");
    await eventually(() => marked().length === 2, "the command runs");
    await runtime.close();
    runtime = await harness.open();
    await runtime.recover();
    runtime.resolveWith((uid) => launchSpec({ uid, ...fixture("runs-forever") }));
    await eventually(() => marked().length === 1, "the command is ended");
    assert.deepEqual(marked(), [runtime.get("a")!.pid]);
    for (const stream of [session.stdin!, session.stdout, session.stderr!]) stream.destroy();
  });
});
