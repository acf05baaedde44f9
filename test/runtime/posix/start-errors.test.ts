import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import type { LaunchSpec, StartFailure } from "../../../runtime/runtime.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness, type PosixHarness } from "./posix-harness.ts";

const isRoot = process.geteuid!() === 0;

describe("a start that can't be says what to do", () => {
  let harness: PosixHarness;
  let runtime: PosixRuntime;
  let folder: string;
  const file = (name: string, content: string, mode: number): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  before(async () => {
    harness = makePosixHarness();
    runtime = await harness.open();
    await runtime.recover();
    folder = mkdtempSync(join(tmpdir(), "wctl-programs-"));
    chmodSync(folder, 0o755);
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
    rmSync(folder, { recursive: true });
  });

  const cases: [string, () => Partial<LaunchSpec> & Pick<LaunchSpec, "command">, StartFailure, RegExp][] = [
    [
      "a name that is nowhere in the search path",
      () => ({ command: "no-such-program" }),
      "CommandNotFound",
      /not found in \/usr\/local\/sbin:/,
    ],
    [
      "an image that does not exist",
      () => ({ command: "/no/such/file" }),
      "CommandNotFound",
      /\/no\/such\/file does not exist/,
    ],
    ["an image below a file", () => ({ command: "/etc/passwd/x" }), "CommandNotFound", /does not exist/],
    ["a relative path", () => ({ command: "bin/tool" }), "InvalidArgument", /absolute path, or a bare name/],
    [
      "a file without the execute permission",
      () => ({ command: file("plain", "#!/bin/sh\n", 0o644) }),
      "NotExecutable",
      /chmod \+x/,
    ],
    ["a folder", () => ({ command: "/etc" }), "NotExecutable", /directory/],
    [
      "a script without an interpreter line",
      () => ({ command: file("noexec", "echo hello\n", 0o755) }),
      "NotExecutable",
      /"#!" line/,
    ],
    [
      "a script whose interpreter is missing",
      () => ({ command: file("lost", "#!/no/interpreter -x\n", 0o755) }),
      "NotExecutable",
      /\/no\/interpreter/,
    ],
    [
      "a script with the line ends of Windows",
      () => ({ command: file("crlf", "#!/bin/sh\r\necho hello\r\n", 0o755) }),
      "NotExecutable",
      /CRLF.*carriage return/,
    ],
    [
      "a script that begins with a byte order mark",
      () => ({ command: file("bom", "\ufeff#!/bin/sh\necho hello\n", 0o755) }),
      "NotExecutable",
      /byte order mark/,
    ],
    [
      "a program for another kind of machine",
      () => ({ command: file("alien", "\u007fELF\u0002\u0001\u0001", 0o755) }),
      "NotExecutable",
      /another kind of machine/,
    ],
    ["a program for Windows", () => ({ command: file("a.exe", "MZ", 0o755) }), "NotExecutable", /for Windows/],
    [
      "a working directory that does not exist",
      () => ({ command: "/bin/true", workingDir: "/no/dir" }),
      "WorkingDirNotFound",
      /\/no\/dir does not exist/,
    ],
    [
      "a working directory that is a file",
      () => ({ command: "/bin/true", workingDir: "/etc/passwd" }),
      "WorkingDirNotFound",
      /not a directory/,
    ],
    ["NUL in an argument", () => ({ command: "/bin/true", args: ["a", "b\0c"] }), "InvalidArgument", /args\[1\]/],
    ["NUL in the command", () => ({ command: "/bin/tr\0ue" }), "InvalidArgument", /NUL/],
    ["an empty command", () => ({ command: "" }), "InvalidArgument", /empty/],
    [
      "a variable whose name has an equals sign",
      () => ({ command: "/bin/true", env: { "A=B": "1" } }),
      "InvalidArgument",
      /A=B/,
    ],
    [
      "arguments larger than the system takes",
      () => ({ command: "/bin/true", args: ["x".repeat(4 << 20)] }),
      "InvalidArgument",
      /E2BIG/,
    ],
    [
      "arguments larger than the launcher takes",
      () => ({ command: "/bin/true", args: Array.from({ length: 200 }, () => "x".repeat(100_000)) }),
      "InvalidArgument",
      /E2BIG/,
    ],
    [
      "an account that does not exist",
      () => ({ command: "/bin/true", runAs: { account: "no-such-user" } }),
      "AccountNotFound",
      /getent passwd no-such-user/,
    ],
    [
      "the user of a session, which only Windows has",
      () => ({ command: "/bin/true", runAs: { session: "Console" } }),
      "AccountNotAllowed",
      /runAs\.session is for Windows/,
    ],
  ];
  const refused = async (spec: LaunchSpec, reason: StartFailure, message: RegExp): Promise<void> => {
    await assert.rejects(runtime.start(spec), { name: "StartError", reason, message });
    assert.equal(runtime.get("never"), undefined);
    assert.deepEqual(await runtime.runs("never"), []);
  };
  for (const [what, spec, reason, message] of cases) {
    it(`${what}: ${reason}`, () => refused(launchSpec({ uid: "never", ...spec() }), reason, message));
  }

  it("in the same words for another account", { skip: !isRoot && "needs root" }, async () => {
    for (const [what, spec, reason, message] of cases) {
      const wanted = spec();
      if (wanted.runAs || what === "a file without the execute permission") continue; // told of the account
      await refused(launchSpec({ uid: "never", runAs: { account: "nobody" }, ...wanted }), reason, message);
    }
  });

  it("does not look into the working directory for a bare name", async () => {
    const workingDir = join(folder, "decoys");
    mkdirSync(workingDir);
    writeFileSync(join(workingDir, "decoy"), "#!/bin/sh\n", { mode: 0o755 });
    const spec = launchSpec({ uid: "never", command: "decoy", workingDir });
    await assert.rejects(runtime.start(spec), { reason: "CommandNotFound" });
  });

  it("refuses for another account what that account may not execute", { skip: !isRoot && "needs root" }, async () => {
    const command = file("private", "#!/bin/sh\n", 0o700);
    const spec = launchSpec({ uid: "never", command, runAs: { account: "nobody" } });
    await assert.rejects(runtime.start(spec), { reason: "NotExecutable", message: /account nobody may not execute/ });
  });
});
