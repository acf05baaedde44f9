import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import type { LaunchFile, LaunchSpec } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness } from "./posix-harness.ts";

const WEB: NamedCopy = { owner: "web", index: 0, namespace: "default", process: "web", revision: 7 };
const file = (path: string, text: string, mode = 0o644): LaunchFile => ({
  path,
  content: Buffer.from(text),
  mode,
  isSecret: false,
});

describe("the declared files of a copy", () => {
  const harness = makePosixHarness();
  let runtime: PosixRuntime;
  let run = 0;
  before(async () => {
    runtime = await harness.open();
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });
  const home = (name: string): string => join(harness.dataDir, "homes/web/0", name);
  const output = async (files: LaunchFile[], script: string, more: Partial<LaunchSpec> = {}): Promise<string> => {
    run++;
    await runtime.start(
      launchSpec({ uid: "a", copy: WEB, run, files, command: "/bin/sh", args: ["-c", script], ...more }),
    );
    await eventually(() => runtime.get("a")?.treeAlive === false, "the script has ended");
    return readFileSync((await runtime.runs("a")).at(-1)!.stdout, "utf8");
  };

  it("are there when the program begins, and those that are declared no more go", async () => {
    const files = [file("conf/app.conf", "level=1\n"), file("token", "t\n", 0o400)];
    assert.equal(await output(files, "cat conf/app.conf token"), "level=1\nt\n");
    assert.equal(statSync(home("work/token")).mode & 0o777, 0o400);
    assert.equal(statSync(home("files.json")).mode & 0o777, 0o600);
    assert.equal(
      await output([file("conf/app.conf", "level=2\n")], "cat conf/app.conf; ls token 2>&1 || true"),
      "level=2\nls: cannot access 'token': No such file or directory\n",
    );
    await output([], "true");
    assert.ok(!existsSync(home("work/conf/app.conf")));
  });

  it("are noted anew only when one has changed", async () => {
    const written = (): number => statSync(home("files.json")).mtimeMs;
    await output([file("app.conf", "1"), file("other.conf", "1")], "true");
    const before = written();
    await output([file("app.conf", "1"), file("other.conf", "1")], "true");
    assert.equal(written(), before);
    await output([file("app.conf", "2"), file("other.conf", "1")], "true");
    assert.notEqual(written(), before);
    await output([], "true");
  });

  it("lie below workingDir too, and the folder of the copy stays the place of the others", async () => {
    const workingDir = join(harness.dataDir, "app");
    mkdirSync(workingDir);
    const files = [file(join(workingDir, "conf/app.conf"), "there\n"), file("here.conf", "here\n")];
    assert.equal(await output(files, 'cat conf/app.conf "$WCTL_STATE_DIR/here.conf"', { workingDir }), "there\nhere\n");
    await output([], "true");
    assert.ok(!existsSync(join(workingDir, "conf/app.conf")));
  });

  it("are not written through what the workload has planted: the start fails and says where", async () => {
    await output([file("conf/app.conf", "x")], "true");
    renameSync(home("work/conf"), home("work/aside"));
    symlinkSync("/etc", home("work/conf"));
    await assert.rejects(output([file("conf/app.conf", "x")], "true"), {
      name: "StartError",
      reason: "AccessDenied",
      message: "the file conf/app.conf can't be written: conf is a link, or no folder: remove it",
    });
    assert.ok(!existsSync("/etc/app.conf"));
    run--;
    assert.equal(await output([], "echo still starts"), "still starts\n", "nothing is removed through the link");
    assert.ok(existsSync(home("work/aside/app.conf")));
  });

  it("are removed too when another one could not be written, or the daemon was killed, before they were declared no more", async () => {
    await output([], "true");
    mkdirSync(home("work/shut.conf"));
    await assert.rejects(output([file("token", "t", 0o400), file("shut.conf", "x")], "true"), /shut\.conf is a folder/);
    run--;
    assert.ok(existsSync(home("work/token")));
    renameSync(home("work/token"), home("work/.wctl-token"));
    await output([file("other.conf", "x")], "true");
    assert.ok(!existsSync(home("work/token")));
    assert.ok(!existsSync(home("work/.wctl-token")));
    assert.ok(existsSync(home("work/other.conf")));
  });

  it("that would lead out of their folder are refused again", async () => {
    for (const path of ["../x", "a/../../x", "/etc/x", "a:b"]) {
      await assert.rejects(output([file(path, "x")], "true"), { reason: "InvalidArgument" }, path);
      run--;
    }
  });
});
