import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { PosixFileWriter } from "../../../../runtime/posix/files/file-writer.ts";
import type { FilePlace } from "../../../../runtime/runs/declared-files.ts";
import type { LaunchFile } from "../../../../runtime/runtime.ts";

const OWNER = { name: "someone", uid: 61_001, gid: 61_001, groups: [] };
const THIRD = 61_003;
const isRoot = process.geteuid!() === 0;
const file = (text: string, mode = 0o644): LaunchFile => ({
  path: "",
  content: Buffer.from(text),
  mode,
  isSecret: false,
});

describe("PosixFileWriter", () => {
  let top: string;
  let work: string;
  const at = (name: string): string => join(work, name);
  const place = (path: string, more: Partial<FilePlace> = {}): FilePlace => {
    const parts = path.split("/");
    return { root: work, isHome: true, folders: parts.slice(0, -1), name: parts.at(-1)!, ...more };
  };
  const own = { name: "me", uid: process.geteuid!(), gid: process.getegid!(), groups: [] };
  const writer = new PosixFileWriter(own);

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "wctl-files-"));
    chmodSync(top, 0o755);
    work = join(top, "work");
    mkdirSync(work);
    mkdirSync(join(top, "victim"));
    writeFileSync(join(top, "victim/app.conf"), "precious");
  });
  afterEach(() => rmSync(top, { recursive: true }));
  const isUntouched = (): void => {
    assert.equal(readFileSync(join(top, "victim/app.conf"), "utf8"), "precious");
    assert.deepEqual(readdirSync(join(top, "victim")), ["app.conf"]);
  };

  it("writes with its mode, makes folders, replaces what is there, and leaves nothing beside it", () => {
    writer.write(place("conf/deep/app.conf"), file("one", 0o400));
    writer.write(place("conf/deep/app.conf"), file("two", 0o440));
    assert.equal(readFileSync(at("conf/deep/app.conf"), "utf8"), "two");
    assert.equal(statSync(at("conf/deep/app.conf")).mode & 0o777, 0o440);
    assert.deepEqual(readdirSync(at("conf/deep")), ["app.conf"]);
  });

  it("follows no folder that is a link, absolute or relative, and says which it is", () => {
    symlinkSync(join(top, "victim"), at("conf"));
    symlinkSync("../victim", at("relative"));
    for (const name of ["conf", "relative"]) {
      const wanted = {
        name: "StartError",
        reason: "AccessDenied",
        message: `${name} is a link, or no folder: remove it`,
      };
      assert.throws(() => writer.write(place(`${name}/app.conf`), file("x")), wanted);
      assert.throws(() => writer.remove(place(`${name}/app.conf`)), wanted);
    }
    isUntouched();
  });

  it("replaces a link in the place of the file, and does not write through it", () => {
    symlinkSync(join(top, "victim/app.conf"), at("app.conf"));
    writer.write(place("app.conf"), file("ours"));
    assert.ok(lstatSync(at("app.conf")).isFile());
    isUntouched();
    symlinkSync(join(top, "victim/app.conf"), at(".wctl-other.conf"));
    writer.write(place("other.conf"), file("ours"));
    isUntouched();
    symlinkSync(join(top, "victim/app.conf"), at("gone.conf"));
    writer.remove(place("gone.conf"));
    assert.ok(!existsSync(at("gone.conf")));
    isUntouched();
  });

  it("refuses a folder in the place of the file, and a home that was made into a link", () => {
    mkdirSync(at("app.conf"));
    assert.throws(() => writer.write(place("app.conf"), file("x")), { message: "app.conf is a folder: remove it" });
    symlinkSync(join(top, "victim"), join(top, "home"));
    assert.throws(() => writer.write(place("app.conf", { root: join(top, "home") }), file("x")), {
      reason: "AccessDenied",
    });
    isUntouched();
  });

  it("says so when a folder is in the place of the file that it makes", () => {
    mkdirSync(at(".wctl-app.conf"));
    assert.throws(() => writer.write(place("app.conf"), file("x")), {
      reason: "AccessDenied",
      message: ".wctl-app.conf is a folder: remove it",
    });
  });

  it("removes what is there, and nothing else", () => {
    writer.write(place("conf/app.conf"), file("x"));
    writer.remove(place("conf/app.conf"));
    writer.remove(place("conf/app.conf"));
    writer.remove(place("nowhere/app.conf"));
    assert.deepEqual([readdirSync(at("conf")), existsSync(at("nowhere"))], [[], false]);
  });

  describe("for another account", { skip: !isRoot && "needs root" }, () => {
    const other = new PosixFileWriter(OWNER);

    it("gives it the file and the folders that it makes", () => {
      chownSync(work, OWNER.uid, OWNER.gid);
      other.write(place("conf/app.conf"), file("x", 0o400));
      for (const name of ["conf", "conf/app.conf"]) assert.equal(statSync(at(name)).uid, OWNER.uid, name);
    });

    it("writes nothing where the account could not get to", () => {
      const [shut, open] = [at("shut"), at("shut/open")];
      mkdirSync(open, { recursive: true });
      chmodSync(shut, 0o700);
      chmodSync(open, 0o777);
      symlinkSync(open, at("link"));
      const refused = (name: string): object => ({
        reason: "AccessDenied",
        message: `someone may not enter ${name}, so nobody does it for it`,
      });
      for (const root of [open, at("link")])
        assert.throws(() => other.write(place("app.conf", { root, isHome: false }), file("x")), refused(root));
      assert.throws(() => other.write(place("shut/open/app.conf", { isHome: false }), file("x")), refused("shut"));
      assert.deepEqual(readdirSync(open), []);
    });

    it("writes nothing where the account could not", () => {
      chownSync(work, THIRD, THIRD);
      chmodSync(work, 0o755);
      const refused = { reason: "AccessDenied", message: /someone may not write app\.conf there/ };
      assert.throws(() => other.write(place("app.conf", { isHome: false }), file("x")), refused);
      assert.throws(
        () => other.write(place("new/app.conf", { isHome: false }), file("x")),
        /someone may not write new/,
      );
      chmodSync(work, 0o1777);
      writeFileSync(at("app.conf"), "of a third one");
      chownSync(at("app.conf"), THIRD, THIRD);
      assert.throws(() => other.write(place("app.conf", { isHome: false }), file("x")), refused);
      assert.throws(() => other.remove(place("app.conf", { isHome: false })), refused);
      other.write(place("mine.conf", { isHome: false }), file("x"));
      assert.equal(statSync(at("mine.conf")).uid, OWNER.uid);
      assert.deepEqual(readdirSync(work).sort(), ["app.conf", "mine.conf"]);
    });
  });

  describe("in a folder that all may write to", { skip: !isRoot && "needs root" }, () => {
    const other = new PosixFileWriter(OWNER);
    const inOpen = (path: string): FilePlace => place(path, { isHome: false });
    beforeEach(() => chmodSync(work, 0o1777));

    it("removes nothing of a third account, whatever it is called", () => {
      writeFileSync(at(".wctl-app.conf"), "of a third one");
      chownSync(at(".wctl-app.conf"), THIRD, THIRD);
      assert.throws(() => other.write(inOpen("app.conf"), file("x")), /someone may not write \.wctl-app\.conf there/);
      assert.equal(readFileSync(at(".wctl-app.conf"), "utf8"), "of a third one");
    });

    it("goes into no folder that a third account has put there, which could take everything out again", () => {
      mkdirSync(at("conf"));
      chmodSync(at("conf"), 0o777);
      chownSync(at("conf"), THIRD, THIRD);
      for (const one of [other, writer]) {
        assert.throws(() => one.write(inOpen("conf/app.conf"), file("x")), {
          reason: "AccessDenied",
          message: "conf is of another account, in a folder that all may write to: remove it",
        });
      }
      assert.deepEqual(readdirSync(at("conf")), []);
      chownSync(at("conf"), OWNER.uid, OWNER.gid);
      other.write(inOpen("conf/app.conf"), file("x"));
      chownSync(at("conf"), 0, 0);
      other.write(inOpen("conf/app.conf"), file("y"));
    });
  });

  it("does not leave the folder while the workload swaps it for a link", async () => {
    const { Worker } = await import("node:worker_threads");
    mkdirSync(at("conf"));
    const swaps = `
      const { renameSync, symlinkSync, unlinkSync } = require("node:fs");
      const { workerData: [conf, aside, victim], parentPort } = require("node:worker_threads");
      let ends = false;
      parentPort.on("message", () => { ends = true; });
      const turn = () => {
        for (let n = 0; n < 50; n++) {
          try { renameSync(conf, aside); symlinkSync(victim, conf); } catch {}
          try { unlinkSync(conf); renameSync(aside, conf); } catch {}
        }
        if (ends) process.exit(0);
        setImmediate(turn);
      };
      parentPort.postMessage("begun");
      turn();`;
    const worker = new Worker(swaps, { eval: true, workerData: [at("conf"), at("aside"), join(top, "victim")] });
    await new Promise((resolve) => worker.once("message", resolve));
    let written = 0;
    // Not before the folder was there once in its turn: on a busy machine the other thread may rest for long where the link is.
    for (let turn = 0; turn < 500 || written === 0; turn++) {
      try {
        writer.write(place("conf/app.conf"), file("ours"));
        written++;
      } catch {
        // It was a link, or gone, at that moment.
      }
    }
    worker.postMessage("end");
    await new Promise((resolve) => worker.once("exit", resolve));
    isUntouched();
  });
});
