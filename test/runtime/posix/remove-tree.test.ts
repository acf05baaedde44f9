import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { removeTree } from "../../../runtime/posix/files/remove-tree.ts";
import { TreeRemover } from "../../../runtime/tree-remover.ts";
import { endAll } from "../end-all.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness } from "./posix-harness.ts";

const MEMORY = "/dev/shm";
/** Folders are made and removed there in microseconds. */
const inMemory = existsSync(MEMORY) ? MEMORY : tmpdir();
/** More than the remover takes away before it is the next folder's turn (remove-tree-worker.ts). */
const MORE_THAN_AT_ONCE = 2_500;

/** A chain of folders, longer than any path may be. */
function makeDeep(folder: string, levels: number): void {
  let fd = openSync(folder, "r");
  for (let level = 0; level < levels; level++) {
    mkdirSync(`/proc/self/fd/${fd}/d`);
    writeFileSync(`/proc/self/fd/${fd}/f`, "");
    const next = openSync(`/proc/self/fd/${fd}/d`, "r");
    closeSync(fd);
    fd = next;
  }
  closeSync(fd);
}

const openDescriptors = (): number[] => readdirSync("/proc/self/fd").map(Number);

/** What `spawnSync` opens here to start a program: pipes, a socket pair for each stream, an event loop. */
const DESCRIPTORS_OF_A_START = 32;

/** Lets this process open no more than `spare` descriptors meanwhile. */
function withDescriptors(spare: number, act: () => void): void {
  const limit = (soft: string): void => {
    const { status, error } = spawnSync("/usr/bin/prlimit", ["--pid", String(process.pid), `--nofile=${soft}:`]);
    assert.ifError(error);
    assert.equal(status, 0);
  };
  const [, usual = ""] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))!;
  // They take every free number below the limit, and give theirs back to the start of the program that lifts it again.
  const kept: number[] = [];
  const highest = Math.max(...openDescriptors()) + DESCRIPTORS_OF_A_START;
  do kept.push(openSync("/dev/null", "r"));
  while (kept.at(-1)! < highest);
  limit(String(highest + 1 + spare));
  try {
    act();
  } finally {
    kept.forEach(closeSync);
    limit(usual);
  }
}

describe("the folder of an ended instance is removed", () => {
  let base: string;
  let top: string;
  let work: string;
  beforeEach(() => {
    base = mkdtempSync(join(inMemory, "wctl-remove-"));
    top = join(base, "top");
    work = join(top, "work");
    mkdirSync(work, { recursive: true });
  });
  afterEach(() => {
    removeTree(base);
  });

  it("however deep it is, with a few descriptors", () => {
    makeDeep(work, 3_000);
    const before = openDescriptors();
    withDescriptors(8, () => assert.equal(removeTree(top), true));
    assert.equal(existsSync(top), false);
    assert.equal(openDescriptors().length, before.length);
  });

  it("by the runtime in a thread of its own, while the daemon goes on", async () => {
    const harness = makePosixHarness();
    const runtime = await harness.open();
    try {
      await runtime.recover();
      const seen = new Observer(runtime);
      await runtime.start(launchSpec({ uid: "a", command: "/bin/true" }));
      await seen.saw("tree-ended", "a");
      makeDeep(join(harness.dataDir, "homes", "a", "0", "work"), 250);
      let turns = 0;
      const turning = setInterval(() => turns++, 1);
      await runtime.forget("a");
      clearInterval(turning);
      assert.ok(turns > 3, `the loop turned ${turns} times`);
      assert.deepEqual(readdirSync(join(harness.dataDir, "instances")), []);
    } finally {
      await endAll(runtime);
      await runtime.close();
      await harness.dispose();
    }
  });

  it("whatever bytes its names are made of", () => {
    writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xff, 0xfe])]), "");
    mkdirSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0x80])]));
    assert.equal(removeTree(top), true);
    assert.equal(existsSync(top), false);
  });

  it("in parts, when there is more than may be removed at once", () => {
    for (let index = 0; index < 500; index++) mkdirSync(join(work, `${index}`, "x"), { recursive: true });
    let parts = 1;
    while (!removeTree(top, 100)) parts++;
    assert.ok(parts > 5, `${parts} parts`);
    assert.equal(existsSync(top), false);
  });

  it("though the workload has taken all rights from its folders", {
    skip: process.getuid!() !== 0 && "needs root, to be somebody else",
  }, () => {
    chmodSync(base, 0o777);
    try {
      process.seteuid!(65_534);
      const own = join(base, "own");
      mkdirSync(join(own, "work/a/b/c"), { recursive: true });
      writeFileSync(join(own, "work/a/b/f"), "");
      for (const folder of ["work/a/b/c", "work/a/b", "work/a"]) chmodSync(join(own, folder), 0);
      assert.equal(removeTree(own), true);
      assert.equal(existsSync(own), false);
    } finally {
      process.seteuid!(0);
    }
  });

  it("and nobody who has a way into it can go on filling it meanwhile", {
    skip: process.geteuid!() !== 0 && "needs root, to be two users",
  }, () => {
    chownSync(work, 65_534, 65_534);
    chmodSync(work, 0o777);
    for (let file = 0; file < 300; file++) writeFileSync(join(work, String(file)), "");
    const held = openSync(work, "r");
    try {
      assert.equal(removeTree(top, 100), false);
      const { uid, mode } = fstatSync(held);
      assert.deepEqual([uid, mode & 0o777], [0, 0o700]);
    } finally {
      closeSync(held);
    }
    assert.equal(removeTree(top), true);
  });

  it("and a link in it never leads out of it, also when it takes the place of a folder in that moment (S11)", async () => {
    const canary = join(base, "canary");
    mkdirSync(join(canary, "inner"), { recursive: true });
    writeFileSync(join(canary, "inner", "file"), "alive");
    writeFileSync(join(canary, "file"), "alive");
    const folder = join(work, "folder");
    const link = join(work, "link");
    const count = new SharedArrayBuffer(4);
    const racer = new Worker(new URL("../../fixtures/swaps-for-link.mjs", import.meta.url), {
      workerData: { folder, link, count },
    });
    try {
      for (let round = 0; round < 200; round++) {
        mkdirSync(join(folder, "inner", "deeper"), { recursive: true });
        writeFileSync(join(folder, "file"), "");
        symlinkSync(canary, link);
        if (round === 0) while (Atomics.load(new Int32Array(count), 0) === 0) await new Promise(setImmediate);
        assert.equal(removeTree(top), true);
        mkdirSync(work, { recursive: true });
      }
      assert.ok(Atomics.load(new Int32Array(count), 0) > 200, "it was a race");
      assert.deepEqual(readdirSync(canary, { recursive: true }).sort(), ["file", "inner", "inner/file"]);
      assert.equal(readFileSync(join(canary, "inner", "file"), "utf8"), "alive");
    } finally {
      await racer.terminate();
    }
  });
});

describe("a remover of folders", () => {
  const script = new URL("../../../runtime/posix/files/remove-tree-worker.ts", import.meta.url);

  it("removes several, tells of what it can't, and can be used again", async () => {
    const remover = new TreeRemover(script);
    const base = mkdtempSync(join(tmpdir(), "wctl-remover-"));
    for (const name of ["a", "b", "c"]) mkdirSync(join(base, name, "x/y"), { recursive: true });
    await Promise.all([
      remover.remove(join(base, "a")),
      remover.remove(join(base, "a")),
      remover.remove(join(base, "b")),
    ]);
    await assert.rejects(remover.remove("/proc/self/fdinfo"), /EPERM|EACCES|ENOENT|EBUSY/);
    await remover.remove(join(base, "c"));
    assert.deepEqual(readdirSync(base), []);
    rmSync(base, { recursive: true });
    await remover.close();
  });

  it("lets no small folder wait for a large one (P16)", async () => {
    const remover = new TreeRemover(script);
    const base = mkdtempSync(join(inMemory, "wctl-remover-"));
    const [large, small] = [join(base, "large"), join(base, "small")];
    mkdirSync(join(large, "work"), { recursive: true });
    for (let file = 0; file < MORE_THAN_AT_ONCE; file++) writeFileSync(join(large, `work/${file}`), "");
    mkdirSync(join(small, "work"), { recursive: true });
    const order: string[] = [];
    await Promise.all(
      [large, small].map(async (path) => {
        await remover.remove(path);
        order.push(path);
      }),
    );
    assert.deepEqual(order, [small, large]);
    assert.deepEqual(readdirSync(base), []);
    rmSync(base, { recursive: true });
    await remover.close();
  });

  it("that is closed keeps nobody waiting", async () => {
    const remover = new TreeRemover(script);
    const waiting = assert.rejects(remover.remove(mkdtempSync(join(tmpdir(), "wctl-remover-"))), /was closed/);
    await remover.close();
    await waiting;
  });
});
