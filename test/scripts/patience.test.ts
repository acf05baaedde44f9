import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Look, Patience } from "../../scripts/test/patience.ts";

const limits = { idleMs: 10_000, computedMs: 60_000 };
const idle: Look = { elapsedMs: 1_000, computedMs: 10, waitedMs: 5 };
const busy: Look = { elapsedMs: 1_000, computedMs: 900, waitedMs: 0 };
const crowdedOut: Look = { elapsedMs: 1_000, computedMs: 50, waitedMs: 900 };

/** After how many looks of a kind it is stuck; undefined when a thousand were not enough. */
function looksUntilStuck(look: Look, patience = new Patience(limits)): { looks: number; why: string } | undefined {
  for (let looks = 1; looks <= 1_000; looks++) {
    const why = patience.look(look);
    if (why !== undefined) return { looks, why };
  }
  return undefined;
}

describe("patience with a test file", () => {
  it("ends when it neither reports nor computes", () => {
    assert.deepEqual(looksUntilStuck(idle), { looks: 10, why: "it neither reported nor computed for 10 s" });
  });

  it("does not end while other programs keep it from computing, however long", () => {
    assert.equal(looksUntilStuck(crowdedOut), undefined);
  });

  it("begins anew with each report, and each time it computes", () => {
    const patience = new Patience(limits);
    for (let looks = 0; looks < 9; looks++) patience.look(idle);
    patience.reported();
    for (let looks = 0; looks < 9; looks++) assert.equal(patience.look(idle), undefined);
    patience.look(busy);
    assert.equal(looksUntilStuck(idle, patience)?.looks, 10);
  });

  it("ends when it computes and computes and reports nothing", () => {
    assert.deepEqual(looksUntilStuck(busy), { looks: 67, why: "it computed for 60 s and reported nothing" });
  });

  it("does not count the time that a machine slept, or that the runner itself waited", () => {
    assert.equal(new Patience({ ...limits, idleMs: 30_000 }).look({ ...idle, elapsedMs: 3_600_000 }), undefined);
  });
});
