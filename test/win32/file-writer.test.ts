import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FilePlace } from "../../runtime/runs/declared-files.ts";
import type { LaunchFile } from "../../runtime/runtime.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { Win32FileWriter } from "../../runtime/win32/files/file-writer.ts";
import { isWindows } from "./platform.ts";

const file = (text: string, isSecret = false): LaunchFile => ({
  path: "",
  content: Buffer.from(text),
  mode: 0o400,
  isSecret,
});

describe("files are written by their handles", { skip: !isWindows && "needs Windows" }, () => {
  let top: string;
  let work: string;
  let writer: Win32FileWriter;
  let mayAdd = true;
  const at = (name: string): string => join(work, name);
  const place = (path: string, more: Partial<FilePlace> = {}): FilePlace => {
    const parts = path.split("/");
    return { root: work, isHome: true, folders: parts.slice(0, -1), name: parts.at(-1)!, ...more };
  };
  before(() => {
    top = mkdtempSync(join(tmpdir(), "wctl-files-"));
    work = join(top, "work");
    mkdirSync(work);
    mkdirSync(join(top, "victim"));
    writeFileSync(join(top, "victim", "app.conf"), "precious");
    writer = new Win32FileWriter(loadWinapi(), { sid: "S-1-5-32-545", label: "Users", mayAdd: () => mayAdd });
  });
  after(() => rmSync(top, { recursive: true }));

  it("whole, in folders that are made, over what is there, and nothing is left beside them", () => {
    writer.write(place("conf/deep/app.conf"), file("one"));
    writer.write(place("conf/deep/app.conf"), file("two"));
    writer.write(place("conf/deep/token"), file("three", true));
    assert.equal(readFileSync(at("conf/deep/app.conf"), "utf8"), "two");
    assert.equal(readFileSync(at("conf/deep/token"), "utf8"), "three");
    assert.deepEqual(readdirSync(at("conf/deep")).sort(), ["app.conf", "token"]);
    writer.remove(place("conf/deep/app.conf"));
    writer.remove(place("conf/deep/app.conf"));
    writer.remove(place("nowhere/app.conf"));
    assert.deepEqual([readdirSync(at("conf/deep")), existsSync(at("nowhere"))], [["token"], false]);
  });

  it("never through a junction in the place of a folder", () => {
    symlinkSync(join(top, "victim"), at("link"), "junction");
    const wanted = { name: "StartError", reason: "AccessDenied", message: "link is a link, or no folder: remove it" };
    assert.throws(() => writer.write(place("link/app.conf"), file("x")), wanted);
    assert.throws(() => writer.remove(place("link/app.conf")), wanted);
    symlinkSync(join(top, "victim"), join(top, "home"), "junction");
    assert.throws(() => writer.write(place("app.conf", { root: join(top, "home") }), file("x")), /is a link/);
    assert.equal(readFileSync(join(top, "victim", "app.conf"), "utf8"), "precious");
    assert.deepEqual(readdirSync(join(top, "victim")), ["app.conf"]);
  });

  it("not in the place of a folder, and not where the account could not", () => {
    mkdirSync(at("app.conf"));
    assert.throws(() => writer.write(place("app.conf"), file("x")), { message: "app.conf is a folder: remove it" });
    writer.write(place("other.conf", { isHome: false }), file("x"));
    assert.equal(readFileSync(at("other.conf"), "utf8"), "x");
    mayAdd = false;
    assert.throws(() => writer.write(place("other.conf", { isHome: false }), file("y")), /Users may not write in /);
    mayAdd = true;
  });

  it("of a Secret for the account, SYSTEM and Administrators alone", () => {
    writer.write(place("token"), file("t", true));
    const told = execFileSync(join(process.env.SystemRoot!, "System32", "icacls.exe"), [at("token")], {
      encoding: "utf8",
    });
    assert.doesNotMatch(told, /Everyone|Authenticated/i);
  });
});
