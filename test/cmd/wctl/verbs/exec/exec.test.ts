import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { after, before, beforeEach, describe, it } from "node:test";
import { badRequest } from "../../../../../api/errors.ts";
import type { ExecEnd, ExecRequest, ExecSession } from "../../../../../api/exec/exec-session.ts";
import type { Terminal } from "../../../../../cmd/wctl/output/terminal.ts";
import { TestServer } from "../../../../apiserver/test-server.ts";
import { Desk, rolledOut } from "../../desk.ts";

describe("wctl exec", () => {
  let desk: Desk;
  let asked: { name: string; request: ExecRequest }[];
  let refusal: Error | undefined;
  let answer: { out?: string; err?: string; end: ExecEnd };
  let typed: string;

  /** Prints what it reads, then `answer`. */
  const session = ({ stdin }: ExecRequest): ExecSession => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const { promise: ended, resolve } = Promise.withResolvers<ExecEnd>();
    const finish = (): void => {
      stdout.end(answer.out ?? "");
      stderr.end(answer.err ?? "");
      resolve(answer.end);
    };
    const input = new Writable({
      write: (chunk, _encoding, done) => {
        typed += chunk;
        done();
      },
      final: (done) => {
        finish();
        done();
      },
    });
    if (!stdin) finish();
    return { ...(stdin && { stdin: input }), stdout, stderr, ended, resize: () => {}, close: async () => {} };
  };
  const terminal = (told: string[]): Terminal => ({
    input: new PassThrough().end("ls\n"),
    isTTY: true,
    size: () => ({ columns: 111, rows: 33 }),
    raw: (on) => void told.push(on ? "raw" : "as ever"),
    onResize: () => () => {},
    release: () => void told.push("released"),
  });

  before(async () => {
    desk = await Desk.over(
      await TestServer.start({
        exec: {
          async open({ metadata: { name } }, request) {
            asked.push({ name, request });
            if (refusal) throw refusal;
            return session(request);
          },
        },
      }),
    );
    const web = await desk.process("web", { replicas: 2 }, rolledOut(2));
    await desk.instance(web, 0, { phase: "Backoff" });
    await desk.instance(web, 1, { phase: "Ready" });
    await desk.process("none");
  });
  beforeEach(() => {
    [asked, refusal, typed, answer] = [[], undefined, "", { end: { code: 0 } }];
  });
  after(() => desk.close());

  it("prints both outputs, and passes the exit code on", async () => {
    answer = { out: "out\n", err: "err\n", end: { code: 3 } };
    const { code, out, err } = await desk.wctl(["exec", "instance/web-0", "--", "ls", "-l", "--", "-i"]);
    assert.deepEqual([code, out, err], [3, "out\n", "err\ncommand terminated with exit code 3\n"]);
    assert.deepEqual(asked, [{ name: "web-0", request: { command: ["ls", "-l", "--", "-i"], stdin: false } }]);
    assert.equal((await desk.wctl("exec -q web-0 -- ls")).err, "err\n");
  });

  it("takes a signal for an exit code as shells do", async () => {
    answer = { end: { signal: "SIGTERM" } };
    const { code, err } = await desk.wctl("exec web-1 -- sleep 9");
    assert.deepEqual([code, err], [143, "command was ended by SIGTERM\n"]);
  });

  it("makes the server's words on the outcome harmless for a terminal", async () => {
    answer = { end: { signal: "\x1b]0;mine\x07" } };
    const { err } = await desk.wctl("exec web-1 -- sleep 9");
    assert.equal(err, "command was ended by ^[]0;mine\\x07\n");
  });

  it("chooses an instance of a process that runs, and names it", async () => {
    const { err } = await desk.wctl("exec web -- true");
    assert.deepEqual([asked[0]?.name, err], ["web-1", "Found 2 instances, using instance/web-1\n"]);
  });

  it("passes standard input on with -i only, however much there is", async () => {
    const much = "x".repeat(300_000);
    assert.equal((await desk.wctl("exec web-1 -i -- cat", { stdin: much })).code, 0);
    assert.equal(typed.length, much.length);
    typed = "";
    await desk.wctl("exec web-1 -- cat", { stdin: much });
    assert.deepEqual([typed, asked.at(-1)?.request.stdin], ["", false]);
  });

  it("gives a terminal with -t, which is raw meanwhile and given back", async () => {
    const told: string[] = [];
    await desk.wctl("exec -it web-1 -- sh", { terminal: terminal(told) });
    assert.deepEqual(asked[0]?.request.terminal, { columns: 111, rows: 33, name: "xterm" });
    assert.deepEqual(told, ["raw", "as ever", "released"]);
  });

  it("goes on without a terminal, and says so, where standard input is none", async () => {
    const { err } = await desk.wctl("exec -it web-1 -- sh", { stdin: "ls" });
    assert.match(err, /^Unable to use a TTY - input is not a terminal/);
    assert.equal(asked[0]?.request.terminal, undefined);
  });

  it("has a shell's exit codes for what cannot be found or run", async () => {
    for (const [reason, code] of [
      ["CommandNotFound", 127],
      ["NotExecutable", 126],
      ["AccessDenied", 1],
    ] as const) {
      refusal = badRequest("no", undefined, [{ reason, message: "no" }]);
      const ran = await desk.wctl("exec web-1 -- x");
      assert.deepEqual([ran.code, ran.err], [code, "Error from server (BadRequest): no\n"]);
    }
  });

  const wrong: [line: string, message: RegExp][] = [
    ["exec", /^error: name an instance or a process/],
    ["exec web", /put -- between the name and the command: wctl exec web -- COMMAND/],
    ["exec web ls", /wctl exec web -- ls/],
    ["exec web extra -- ls", /put -- between/],
    ["exec web --", /you must specify at least one command/],
    ["exec secret/web -- ls", /cannot run commands beside secrets/],
    ["exec process/none -- ls", /process "none" has no instances/],
    ["exec process/nix -- ls", /NotFound/],
    [`exec web-1 -- ${"x".repeat(20_000)}`, /the command is too long/],
  ];
  for (const [line, message] of wrong) {
    it(`refuses: ${line.slice(0, 40)}`, async () => {
      const { code, err } = await desk.wctl(line);
      assert.equal(code, 1);
      assert.match(err, message);
      assert.deepEqual(asked, []);
    });
  }
});
