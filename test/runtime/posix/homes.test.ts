import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";
import type { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { enterHome } from "../../../runtime/runs/enter-home.ts";
import { HomeFiles } from "../../../runtime/runs/home-files.ts";
import { InstanceFiles } from "../../../runtime/runs/instance-files.ts";
import { stepsOf } from "../../../runtime/runs/move-in.ts";
import { RunRecords } from "../../../runtime/runs/run-records.ts";
import { eventually } from "../../eventually.ts";
import { launchSpec } from "../specs.ts";
import { makePosixHarness } from "./posix-harness.ts";

const WEB: NamedCopy = { owner: "web", index: 0, namespace: "default", process: "web", revision: 7 };
const NOW = "2026-01-01T00:00:00.000Z";

describe("the home of a copy", () => {
  const harness = makePosixHarness();
  let runtime: PosixRuntime;
  before(async () => {
    runtime = await harness.open();
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });

  const runs = async (uid: string, script: string, { copy = WEB, run = 1 } = {}): Promise<void> => {
    const logs = { maxSize: 1 << 20, maxFiles: 3, stderr: "Merge" as const };
    await runtime.start(launchSpec({ uid, copy, run, logs, command: "/bin/sh", args: ["-c", script] }));
    await eventually(() => runtime.get(uid)?.treeAlive === false, "the script has ended");
  };
  const logs = () => readdirSync(join(harness.dataDir, "homes/web/0/logs")).sort();

  it("keeps its files and its logs over its Instances, and numbers the runs on", async () => {
    await runs("a", 'echo one > "$WCTL_STATE_DIR/data"; echo first');
    await runtime.forget("a", WEB);
    assert.deepEqual(
      (await runtime.homes.unused()).map(({ process, index, instance }) => [process, index, instance]),
      [["web", 0, undefined]],
    );
    await runs("b", 'cat data; [ "$PWD" = "$WCTL_STATE_DIR" ] && exit 3');
    assert.deepEqual(await runtime.homes.unused(), []);
    const found = await runtime.runs("b");
    assert.deepEqual(
      found.map(({ run, instanceRun, exit, stdout }) => [run, instanceRun, exit?.code, readFileSync(stdout, "utf8")]),
      [
        [1, undefined, 0, "first\n"],
        [2, 1, 3, "one\n"],
      ],
    );
    assert.ok(found.every(({ startedAt, finishedAt }) => startedAt !== "" && finishedAt !== undefined));
  });

  it("counts the runs of all its Instances against logs.maxFiles", async () => {
    for (const run of [2, 3]) await runs("b", "true", { run });
    await eventually(() => !logs().includes("1.out"), "the oldest log is gone");
    assert.deepEqual(
      (await runtime.runs("b")).map(({ run }) => run),
      [2, 3, 4],
    );
    await runtime.forget("b", WEB);
    await runs("c", "true");
    await eventually(() => !logs().includes("2.jsonl"), "so is its record");
    assert.deepEqual(
      (await runtime.runs("c")).map(({ run }) => run),
      [3, 4, 5],
    );
    await runtime.forget("c", WEB);
  });

  it("follows also when the daemon dies in the middle", async () => {
    const [before, after] = [
      { ...WEB, owner: "first" },
      { ...WEB, owner: "second" },
    ];
    await runs("m", "echo kept", { copy: before });
    const files = new HomeFiles(harness.dataDir);
    files.move(before, after); // Killed here: nothing but the place has changed.
    await runtime.forget("m", after);
    await runs("n", "true", { copy: after });
    assert.deepEqual(
      (await runtime.runs("n")).map(({ run, stdout }) => [run, readFileSync(stdout, "utf8")]),
      [
        [1, "kept\n"],
        [2, ""],
      ],
    );
    await runtime.forget("n", after);
    assert.ok(runtime.homes.unusedOf(after));
    await runtime.homes.remove(after);
  });

  it("is not removed while an Instance uses it, or is about to", async () => {
    const starting = runtime.start(launchSpec({ uid: "d", copy: WEB, command: "/bin/sh", args: ["-c", "sleep 1000"] }));
    assert.equal(await runtime.homes.remove(WEB), false, "its note does not tell of the start yet");
    await starting;
    assert.equal(await runtime.homes.remove(WEB), false);
    await runtime.kill("d");
    await runtime.forget("d", WEB);
  });

  it("follows its Instance to the Process that adopts it", async () => {
    await runs("e", "echo kept > adopted", { copy: { ...WEB, owner: "before" } });
    await runtime.forget("e", { ...WEB, owner: "after" });
    await runs("f", "cat adopted", { copy: { ...WEB, owner: "after" } });
    assert.deepEqual(
      (await runtime.runs("f")).map(({ run, stdout }) => [run, readFileSync(stdout, "utf8")]),
      [
        [1, ""],
        [2, "kept\n"],
      ],
    );
    await runtime.forget("f", { ...WEB, owner: "after" });
    await runtime.homes.remove({ owner: "after", index: 0 });
  });

  it("is noted as that of a stand-in until it was more, and when it found none", async () => {
    const own = { ...WEB, owner: "surging" };
    const standIn: NamedCopy = { ...own, standIn: true };
    const noted = () => runtime.homes.unusedOf(own)!.standIn;
    await runs("h1", "true", { copy: standIn });
    await runtime.forget("h1", standIn);
    assert.equal(noted(), true);
    await runs("h2", "true", { copy: standIn });
    await runtime.forget("h2", own); // It was scaled up to it meanwhile.
    assert.equal(noted(), undefined);
    await runs("h3", "true", { copy: standIn });
    await runtime.forget("h3", standIn);
    assert.equal(noted(), undefined);
    await runtime.homes.remove(own);
    await runs("h4", "true", { copy: standIn });
    await runtime.forget("h4");
    assert.equal(noted(), undefined, "nobody knows what it was");
    await runtime.homes.remove(own);
  });

  it("is measured without following what the program has linked", async () => {
    await runs("g", "ln -s / everything; mkdir deep; head -c 100000 /dev/zero > deep/zeros", {
      copy: { ...WEB, owner: "measured" },
    });
    const { runs: kept, bytes, isPartial } = await runtime.homes.measure({ owner: "measured", index: 0 }, 20);
    assert.deepEqual([kept, isPartial], [1, false]);
    assert.ok(bytes >= 100_000 && bytes < 500_000, String(bytes));
    assert.equal((await runtime.homes.measure({ owner: "measured", index: 0 }, 3)).isPartial, true);
    await runtime.forget("g", { ...WEB, owner: "measured" });
    await runtime.homes.remove({ owner: "measured", index: 0 });
  });

  it("is removed when it is asked for, and goes by itself where no Process owns it", async () => {
    await runtime.homes.remove(WEB);
    assert.deepEqual(readdirSync(join(harness.dataDir, "homes")), []);
    const alone = { ...WEB, owner: "alone" };
    await runs("alone", "true", { copy: alone });
    await runtime.forget("alone", alone);
    assert.deepEqual(readdirSync(join(harness.dataDir, "homes")), []);
  });
});

describe("a home that outlives its Process", () => {
  const harness = makePosixHarness();
  let runtime: PosixRuntime;
  before(async () => {
    runtime = await harness.open();
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });
  const copy = (owner: string, index = 0): NamedCopy => ({ ...WEB, owner, index });
  const homes = () => readdirSync(join(harness.dataDir, "homes")).sort();
  const run = async (uid: string, of: NamedCopy, script: string): Promise<string> => {
    await runtime.start(launchSpec({ uid, copy: of, command: "/bin/sh", args: ["-c", script] }));
    await eventually(() => runtime.get(uid)?.treeAlive === false, "the script has ended");
    const said = readFileSync((await runtime.runs(uid)).at(-1)!.stdout, "utf8");
    await runtime.forget(uid, of);
    return said;
  };

  it("is taken up by the next Process of its name, with its logs, and by no other", async () => {
    runtime.homes.setOutliving(copy("old"), true);
    await run("old-0", copy("old"), "echo precious > data; echo old");
    await run("old-1", copy("old", 1), "echo of copy 1 > data");
    const others: NamedCopy[] = [
      { ...copy("x"), namespace: "other" },
      { ...copy("y"), process: "shop" },
    ];
    for (const other of others) assert.equal(await run(`${other.owner}-0`, other, "cat data 2>/dev/null"), "");
    assert.equal(await run("new-0", copy("new"), "cat data"), "precious\n");
    assert.deepEqual(homes(), ["new", "old", "x", "y"]);
    assert.equal(await run("new-1", copy("new", 1), "cat data"), "of copy 1\n");
    const again = runtime.homes.unusedOf(copy("new"));
    assert.deepEqual([again?.owner, again?.index], ["new", 0]);
    await runtime.start(launchSpec({ uid: "n", copy: copy("new"), command: "/bin/true" }));
    const files = await runtime.runs("n");
    assert.deepEqual(
      files.map(({ run: number, stdout }) => [number, readFileSync(stdout, "utf8")]),
      [
        [1, "old\n"],
        [2, "precious\n"],
        [3, ""],
      ],
    );
    assert.deepEqual(
      runtime.homes.outlived().map(({ owner }) => owner),
      ["old"],
    );
    runtime.homes.setOutliving(copy("old"), false);
    assert.deepEqual(homes(), ["new", "x", "y"]);
  });

  it("is not taken up by who runs as another account: he may not have been given the one before", async () => {
    const of = (owner: string, account?: string) => ({
      ...copy(owner),
      process: "kept",
      ...(account === undefined ? {} : { account }),
    });
    runtime.homes.setOutliving(of("before"), true);
    await run("before-0", of("before", "root"), "echo roots > data");
    const taken = runtime.start(launchSpec({ uid: "thief", copy: of("thief", "Dynamic"), command: "/bin/true" }));
    await assert.rejects(taken, {
      reason: "AccountNotAllowed",
      message: /is of account root: make the process as that account first/,
    });
    assert.equal(runtime.homes.unusedOf(of("before"))?.account, "root");
    assert.equal(await run("after-0", of("after", "root"), "cat data"), "roots\n");
    // The same Process changes its account: whoever wrote that was asked for both.
    assert.equal(await run("after-1", of("after", "Dynamic"), "cat data"), "roots\n");
    assert.equal(runtime.homes.unusedOf(of("after"))?.account, "Dynamic");
    runtime.homes.setOutliving(of("before"), false);
  });

  it("is what the last of several left, and never takes the place of a home that is there", async () => {
    for (const [owner, word] of [
      ["first", "one"],
      ["second", "two"],
    ] as const) {
      runtime.homes.setOutliving({ ...copy(owner), process: "twice" }, true);
      const of = { ...copy(owner, owner === "second" ? 1 : 0), process: "twice" };
      await run(`${owner}-uid`, of, `echo ${word} > data`);
    }
    // The second one's copy 0 was never there; put there by hand, it is the newer one.
    cpSync(join(harness.dataDir, "homes/second/1"), join(harness.dataDir, "homes/second/0"), { recursive: true });
    assert.equal(await run("third-0", { ...copy("third"), process: "twice" }, "cat data; echo three > data"), "two\n");
    assert.equal(await run("third-0", { ...copy("third"), process: "twice" }, "cat data"), "three\n");
  });

  it("is known after a restart of the daemon, also when it died in the middle", async () => {
    runtime.homes.setOutliving({ ...copy("p"), process: "killed" }, true);
    await run("p-0", { ...copy("p"), process: "killed" }, "echo precious > data");
    const root = join(harness.dataDir, "homes");
    // Killed after the rename: the note in the home is that of its former owner.
    mkdirSync(join(root, "q"));
    renameSync(join(root, "p/0"), join(root, "q/0"));
    // Killed in the middle of a removal.
    mkdirSync(join(root, "gone/3.removed-0123456789ab/work"), { recursive: true });
    await runtime.close();
    runtime = await harness.open();
    assert.ok(runtime.homes.outlived().some(({ owner, process }) => owner === "p" && process === "killed"));
    assert.deepEqual(runtime.homes.unusedOf({ owner: "q", index: 0 })?.process, "killed");
    assert.equal(await run("q-0", { ...copy("q"), process: "killed" }, "cat data"), "precious\n");
    await runtime.homes.finishRemovals();
    assert.equal(existsSync(join(root, "gone")), false);
  });
});

describe("what a version before homes left", () => {
  /** As 0.1 laid it out: two runs, one with a separate stderr. */
  function older(dataDir: string): void {
    const folder = join(dataDir, "instances/a");
    mkdirSync(join(folder, "logs"), { recursive: true });
    mkdirSync(join(folder, "work/deep"), { recursive: true });
    writeFileSync(join(folder, "work/deep/data"), "precious");
    for (const run of [1, 2]) {
      const stdout = join(folder, "logs", `${run}.out`);
      writeFileSync(stdout, `run ${run}\n`);
      writeFileSync(`${stdout}.times`, "");
      writeFileSync(join(folder, "logs", `${run}.err`), "");
      const policy = { maxSize: 1, maxFiles: 5, stderr: "Separate" };
      const intent = {
        run,
        label: "default/web-0",
        startedAt: NOW,
        workingDir: join(folder, "work"),
        limits: {},
        unenforced: [],
      };
      const record = { ...intent, logs: policy, stdout, stderr: join(folder, "logs", `${run}.err`) };
      writeFileSync(
        join(folder, `run-${run}.jsonl`),
        `${JSON.stringify(record)}\n{"exit":{"code":0,"finishedAt":"${NOW}"}}\n`,
      );
    }
  }

  const open = (dataDir: string) => {
    const files = new InstanceFiles(dataDir);
    return { files, records: new RunRecords(files) };
  };

  const isWhole = (dataDir: string): void => {
    const { files, records } = open(dataDir);
    assert.equal(readFileSync(join(dataDir, "homes", "web", "0", "work", "deep", "data"), "utf8"), "precious");
    assert.deepEqual(
      records
        .read("a")
        .map(({ number, stdout, stderr }) => [number, readFileSync(stdout, "utf8"), existsSync(stderr!)]),
      [
        [1, "run 1\n", true],
        [2, "run 2\n", true],
      ],
    );
    assert.equal(files.homes.nextNumber(WEB), 3);
    assert.deepEqual(files.homes.note(WEB)?.instance, "a");
    assert.deepEqual(readdirSync(join(dataDir, "instances/a")).sort(), ["home.json", "run-1.jsonl", "run-2.jsonl"]);
  };

  /** Ends the move after so many steps, as a kill would. Answers whether there were no more. */
  function moveUntil(dataDir: string, most: number): boolean {
    let left = most;
    for (const step of stepsOf(open(dataDir), "a", WEB)) {
      if (left-- === 0) return false;
      step();
    }
    return true;
  }

  it("moves in whole, wherever an earlier move was cut off", () => {
    const root = mkdtempSync(join(tmpdir(), "wctl-move-in-"));
    try {
      let steps = 0;
      for (let done = false; !done; steps++) {
        const dataDir = join(root, String(steps));
        older(dataDir);
        done = moveUntil(dataDir, steps);
        enterHome(open(dataDir), "a", WEB, NOW);
        isWhole(dataDir);
      }
      assert.ok(steps >= 9, `${steps} steps`);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("leaves what the home has already", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "wctl-move-in-"));
    try {
      older(dataDir);
      mkdirSync(join(dataDir, "homes/web/0/logs"), { recursive: true });
      writeFileSync(join(dataDir, "homes/web/0/logs/1.out"), "newer\n");
      cpSync(join(dataDir, "instances/a/work"), join(dataDir, "homes/web/0/work"), { recursive: true });
      enterHome(open(dataDir), "a", WEB, NOW);
      assert.equal(readFileSync(join(dataDir, "homes/web/0/logs/1.out"), "utf8"), "newer\n");
      assert.equal(open(dataDir).records.get("a", 1)?.number, undefined);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
