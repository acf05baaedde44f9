import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PosixContext } from "../../../../runtime/posix/context.ts";
import { killTree } from "../../../../runtime/posix/tree/kill-tree.ts";
import type { PosixWorkload } from "../../../../runtime/posix/workload.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

/** A tree whose end is told when the test says so, and whose living processes are `living`. */
function setUp(living: number[]) {
  const clock = new FakeClock();
  const { promise: treeEnded, resolve } = Promise.withResolvers<void>();
  const state = { treeAlive: true };
  const workload = { uid: "a", state, treeEnded, record: { label: "default/a" } } as unknown as PosixWorkload;
  const fences: string[] = [];
  const containment = {
    fence: () => fences.push("fence"),
    unfence: () => fences.push("unfence"),
    members: () => living,
    owns: () => false,
  };
  const killed = killTree({ containment, clock } as unknown as PosixContext, workload);
  const tell = (): void => {
    state.treeAlive = false;
    resolve();
  };
  return { clock, killed, tell, fences };
}

describe("killing a tree", () => {
  it("fails when something lives on for five seconds, and names it", async () => {
    const { clock, killed, fences } = setUp([7, 8]);
    const rejected = assert.rejects(killed, /default\/a: processes 7, 8 still live 5 s after SIGKILL/);
    for (let ms = 0; ms <= 6_000; ms += 10) await clock.advanceAsync(10);
    await rejected;
    assert.deepEqual(fences, ["fence", "unfence"]);
  });

  it("waits for the end to be told, however late, when nothing lives", async () => {
    const { clock, killed, tell, fences } = setUp([]);
    for (let ms = 0; ms <= 20_000; ms += 10) await clock.advanceAsync(10);
    tell();
    await killed;
    assert.deepEqual(fences, ["fence", "unfence"]);
  });
});
