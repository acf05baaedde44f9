import assert from "node:assert/strict";
import {
  chmodSync,
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
import { afterEach, beforeEach, describe, it } from "node:test";
import { loadAddon } from "../../lib/native-addon.ts";

const { platform, arch } = process;
const bytes = readFileSync(`node_modules/@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`);

const isWindows = platform === "win32";

describe("loadAddon", () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "wctl-addon-"));
  });
  afterEach(() => {
    try {
      rmSync(base, { recursive: true, force: true });
    } catch (error) {
      // Windows keeps the file of a loaded library until the process ends.
      if (!isWindows) throw error;
    }
  });

  it("writes the addon once into a private directory and loads it", () => {
    const directory = join(base, "cache/native");
    const addon = loadAddon("koffi-test", bytes, [directory]) as { version: string };
    assert.match(addon.version, /^\d+\.\d+\.\d+$/);
    assert.deepEqual(readdirSync(directory), ["koffi-test.node"]);
  });

  it("replaces what is there when the content differs", () => {
    writeFileSync(join(base, "koffi-test.node"), "not an addon");
    loadAddon("koffi-test", bytes, [base]);
    assert.ok(readFileSync(join(base, "koffi-test.node")).equals(bytes));
  });

  it("does not follow a link that someone put in the file's place", () => {
    const victim = join(base, "victim");
    const directory = join(base, "native");
    writeFileSync(victim, "untouched");
    mkdirSync(directory, { mode: 0o700 });
    symlinkSync(victim, join(directory, "koffi-test.node"));
    loadAddon("koffi-test", bytes, [directory]);
    assert.equal(readFileSync(victim, "utf8"), "untouched");
  });

  const posixOnly = { skip: isWindows && "file modes say nothing on Windows" };
  it("refuses a directory that others can write, and a link to one, and takes the next", posixOnly, () => {
    const open = join(base, "open");
    const link = join(base, "link");
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(base, link);
    assert.throws(() => loadAddon("koffi-test", bytes, [open, link]), /can be written by others.*is not a directory/);
    loadAddon("koffi-test", bytes, [open, join(base, "good")]);
    assert.deepEqual(readdirSync(join(base, "good")), ["koffi-test.node"]);
  });

  it("refuses a directory below one that others can write: they could exchange it", posixOnly, () => {
    const open = join(base, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    assert.throws(() => loadAddon("koffi-test", bytes, [join(open, "mine")]), /could be exchanged.*can be written/);
    assert.deepEqual(readdirSync(open), []);
  });
});
