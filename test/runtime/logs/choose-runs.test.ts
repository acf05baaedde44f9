import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseRuns, keptRuns } from "../../../runtime/logs/choose-runs.ts";
import type { RunFiles } from "../../../runtime/runtime.ts";

/** `-3`: a run of an earlier Instance. */
const runs = (...numbers: number[]): RunFiles[] =>
  numbers.map((number) => ({
    run: Math.abs(number),
    ...(number > 0 && { instanceRun: 1 }),
    startedAt: "",
    stdout: `${Math.abs(number)}.out`,
  }));

type Options = Parameters<typeof chooseRuns>[1];

describe("the runs that are asked for", () => {
  const chosen: [string, RunFiles[], Options, boolean, number[]][] = [
    ["the newest", runs(-3, 4, 5), {}, true, [5]],
    ["the one before", runs(-3, 4, 5), { previous: true }, true, [4]],
    ["the one before, of an earlier Instance", runs(-3, 4), { previous: true }, true, [3]],
    ["the last one before an Instance that has not run yet", runs(-2, -3), { previous: true }, true, [3]],
    ["the newest of a copy, whichever Instance it was", runs(-2, -3), {}, false, [3]],
    ["the one before of a copy", runs(-2, -3), { previous: true }, false, [2]],
    ["one by its number", runs(-3, 4, 5), { run: 3 }, true, [3]],
    ["all of them", runs(-3, 4, 5), { allRuns: true }, true, [3, 4, 5]],
  ];
  for (const [what, all, options, isInstance, expected] of chosen) {
    it(what, () =>
      assert.deepEqual(
        chooseRuns(all, options, isInstance).map(({ run }) => run),
        expected,
      ),
    );
  }

  const refused: [string, RunFiles[], Options, boolean, RegExp][] = [
    ["of an Instance that has not run", [], {}, true, /^this instance has not run yet$/],
    ["of one whose predecessors have", runs(-3), {}, true, /^this instance has not run yet; --previous shows/],
    ["of a copy that has not run", [], {}, false, /^this copy has not run yet/],
    ["all of none", [], { allRuns: true }, true, /^this copy has not run yet/],
    ["before the first", runs(1), { previous: true }, true, /^there is no previous run of this copy$/],
    [
      "that is not kept",
      runs(-3, 5, 6, 7),
      { run: 4 },
      true,
      /^there is no run 4 of this copy: kept are the runs 3 and 5 to 7$/,
    ],
    ["of none that are kept", [], { run: 4 }, false, /^there is no run 4 of this copy: none is kept$/],
  ];
  for (const [what, all, options, isInstance, message] of refused) {
    it(`a run ${what} is NotFound`, () =>
      assert.throws(() => chooseRuns(all, options, isInstance), { reason: "NotFound", message }));
  }

  it("are named in spans", () => {
    assert.equal(keptRuns(runs(7)), "kept is run 7");
    assert.equal(keptRuns(runs(1, 2)), "kept are the runs 1 to 2");
    assert.equal(keptRuns(runs(1, 3, 5, 6)), "kept are the runs 1, 3 and 5 to 6");
  });
});
