import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, afterEach, before, describe, it } from "node:test";
import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { HeldProcess } from "../../runtime/win32/process/held-process.ts";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { eventually } from "../eventually.ts";
import { endAll } from "../runtime/end-all.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { fixture, makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

describe("a session beside a workload on Windows", {
  skip: isWindows ? false : "needs Windows: make test-windows",
}, () => {
  let harness: Win32Harness;
  let runtime: Win32Runtime;
  before(async () => {
    harness = makeWin32Harness();
    runtime = await harness.open();
    await runtime.recover();
    await runtime.start(launchSpec({ uid: "a", ...fixture("runs-forever"), env: { FROM_SPEC: "grün" } }));
  });
  const open: ExecSession[] = [];
  afterEach(async () => {
    for (const session of open.splice(0)) await session.close();
  });
  after(async () => {
    await endAll(runtime);
    await runtime.close();
    await harness.dispose();
  });

  const begin = async (script: string, more: Partial<ExecRequest> = {}): Promise<ExecSession> => {
    const session = await runtime.openExec("a", { command: [process.execPath, "-e", script], stdin: true, ...more });
    open.push(session);
    return session;
  };
  const firstLine = async (session: ExecSession): Promise<string> => {
    let seen = "";
    session.stdout.on("data", (chunk) => {
      seen += chunk;
    });
    await eventually(() => seen.includes("\n"), "a line is printed");
    return seen;
  };

  it("has input, both outputs and an exit code, in the environment of the workload", async () => {
    const session = await begin(
      "process.stdin.pipe(process.stdout); process.stdin.on('end', () => { console.error(process.env.FROM_SPEC); process.exitCode = 3; })",
    );
    session.stdin!.write("typed ");
    session.stdin!.end("ünd sent");
    const [out, err] = await Promise.all([text(session.stdout), text(session.stderr!)]);
    assert.deepEqual([out, err, await session.ended], ["typed ünd sent", "grün\n", { code: 3 }]);
  });

  it("has an empty input unless one is asked for", async () => {
    const session = await begin("process.stdin.on('end', () => console.log('end')).resume()", { stdin: false });
    assert.deepEqual([session.stdin, await text(session.stdout)], [undefined, "end\n"]);
  });

  it("delivers all to a slow reader, and holds the program up meanwhile", async () => {
    const session = await begin("process.stdout.write(Buffer.alloc(1_000_000))", { stdin: false });
    await eventually(() => session.stdout.readableLength > 0, "it prints");
    let bytes = 0;
    for await (const chunk of session.stdout) {
      bytes += (chunk as Buffer).length;
      await new Promise(setImmediate);
    }
    assert.deepEqual([bytes, await session.ended], [1_000_000, { code: 0 }]);
  });

  it("takes much input at the pace of its program, and is not held up by one that reads nothing", async () => {
    const reads = await begin(
      "let n = 0; process.stdin.on('data', (chunk) => { n += chunk.length; }).on('end', () => console.log(n))",
    );
    reads.stdin!.end(Buffer.alloc(300_000));
    assert.equal(await text(reads.stdout), "300000\n");
    const deaf = await begin("console.log('ready'); setInterval(() => {}, 1 << 30)");
    await firstLine(deaf);
    deaf.stdin!.write(Buffer.alloc(300_000));
    await deaf.close();
    assert.notEqual((await deaf.ended).code, 0);
  });

  it("is closed at any time: the command and all it started are ended, the workload is not", async () => {
    const session = await begin(`const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1 << 30)"], { detached: true, stdio: "ignore" });
      console.log(child.pid); setInterval(() => {}, 1 << 30);`);
    const child = HeldProcess.open(loadWinapi(), Number(await firstLine(session)))!;
    await session.close();
    await session.close();
    await eventually(() => child.hasEnded, "what it started has ended");
    child.close();
    assert.equal(runtime.get("a")?.phase, "running");
  });

  it("has no terminal, and says so; what is not there is not found", async () => {
    const terminal = { columns: 80, rows: 24, name: "xterm" };
    await assert.rejects(begin("0", { terminal }), { reason: "InvalidArgument", message: /a terminal \(-t\) is not/ });
    await assert.rejects(begin("", { command: ["no-such-command"] }), { reason: "CommandNotFound" });
  });
});
