import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SystemProcess } from "../../runtime/win32/process/system-processes.ts";
import { measureTree } from "../../runtime/win32/tree/measure-usage.ts";

const process = (pid: number, parent: number, image: string): SystemProcess => ({
  pid,
  parent,
  image,
  creationTime: "1",
  cpuSeconds: 2,
  workingSet: 10,
  privateBytes: 7,
  handles: 3,
  threads: 4,
});

describe("what a tree uses", () => {
  const members = [process(9, 8, "node.exe"), process(8, 1, "start.exe"), process(10, 8, "conhost.exe")];

  it("is the sum over its members; a console is no program, but costs", () => {
    const { tree, ...sums } = measureTree(members, 1);
    assert.deepEqual(sums, {
      cpuSeconds: 6,
      memoryBytes: 30,
      handles: 9,
      processes: 2,
      privateBytes: 21,
      threads: 12,
    });
    assert.deepEqual(
      tree?.map(({ pid, parent, image }) => [pid, parent, image]),
      [
        [8, 1, "start.exe"],
        [9, 8, "node.exe"],
        [10, 8, "conhost.exe"],
      ],
    );
  });

  it("counts the processor time of those that have ended, as the job does", () => {
    assert.equal(measureTree(members, 100).cpuSeconds, 100);
  });
});
