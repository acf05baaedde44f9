import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { InstanceFiles } from "../../../runtime/runs/instance-files.ts";
import { OutlivedOwners } from "../../../runtime/runs/outlived-owners.ts";
import { bundled } from "../../bundled.ts";

const host = await bundled(new URL("./takes-up-until-killed.ts", import.meta.url));
const hasStrace = spawnSync("strace", ["-V"]).status === 0;
const OLD = { owner: "old", index: 0, namespace: "default", process: "web", revision: 1, createdAt: "" };
/** By these alone a home changes its owner. */
const CALLS = "mkdir,mkdirat,rename,renameat,renameat2,rmdir";
const MOST_STEPS = 40;

describe("a daemon that is killed while a copy takes up a home", {
  skip: hasStrace ? false : "strace IS MISSING: nobody can be killed at a step",
}, () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-take-up-"));
  after(() => rmSync(root, { recursive: true }));

  const left = (): string => {
    const dataDir = mkdtempSync(join(root, "data-"));
    const { homes } = new InstanceFiles(dataDir);
    new OutlivedOwners(homes).set(OLD, true);
    homes.create(OLD);
    homes.write({ ...OLD, id: "old/0", releasedAt: "2026-01-01T00:00:00Z" });
    writeFileSync(join(homes.work(OLD), "data"), "precious");
    writeFileSync(homes.log(OLD, 1, "out"), "said\n");
    return dataDir;
  };
  /** Killed as it begins this call. */
  const killedAt = (dataDir: string, step: number): boolean => {
    const kill = `inject=${CALLS}:signal=SIGKILL:when=${step}`;
    const strace = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${CALLS}`, "-e", kill];
    return spawnSync("strace", [...strace, process.execPath, host, dataDir]).stdout.toString() !== "entered\n";
  };

  it("has lost nothing, whichever step it was: the next one finishes it", () => {
    let step = 1;
    for (let dataDir = left(); killedAt(dataDir, step); dataDir = left(), step++) {
      assert.ok(step < MOST_STEPS, "it ends by itself at some time");
      const found = readdirSync(join(dataDir, "homes")).filter((owner) =>
        existsSync(join(dataDir, "homes", owner, "0", "work", "data")),
      );
      assert.equal(found.length, 1, `step ${step}: it is there once`);
      const next = spawnSync(process.execPath, [host, dataDir]);
      assert.equal(next.stdout.toString(), "entered\n", `step ${step}: ${next.stderr}`);
      const files = new InstanceFiles(dataDir);
      assert.deepEqual(files.copyOf("u"), { owner: "new", index: 0 }, `step ${step}`);
      assert.equal(readFileSync(join(files.work("u"), "data"), "utf8"), "precious", `step ${step}`);
      assert.equal(files.homes.nextNumber({ owner: "new", index: 0 }), 2, `step ${step}: its runs are numbered on`);
      const { instance, id, releasedAt } = files.homes.note({ owner: "new", index: 0 })!;
      assert.deepEqual([instance, id, releasedAt], ["u", "old/0", undefined], `step ${step}`);
    }
    assert.ok(step > 4, `it was killed at ${step - 1} steps`);
  });
});
