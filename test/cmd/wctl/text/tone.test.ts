import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { painter, wantsColours } from "../../../../cmd/wctl/text/colour.ts";
import { conditionTone, inTone, statusTone } from "../../../../cmd/wctl/text/tone.ts";

describe("colours", () => {
  it("are for a terminal, unless the environment or the command line says otherwise", () => {
    for (const [mode, isTTY, env, wanted] of [
      ["auto", true, {}, true],
      ["auto", false, {}, false],
      ["auto", true, { NO_COLOR: "1" }, false],
      ["auto", true, { NO_COLOR: "" }, true],
      ["auto", true, { TERM: "dumb" }, false],
      ["always", false, { NO_COLOR: "1" }, true],
      ["never", true, {}, false],
    ] as const) {
      assert.equal(wantsColours(mode, isTTY, env), wanted, JSON.stringify([mode, isTTY, env]));
    }
  });

  it("tell what a word means; a reason that nobody knows is one why something cannot run", () => {
    for (const [tone, words] of Object.entries({
      good: ["Running", "Completed", "Ready,SchedulingDisabled", "Active"],
      busy: ["Pending", "Terminating"],
      bad: ["CrashLoopBackOff", "Error", "CommandNotFound", "NotReady", "toString"],
      quiet: ["Stopped"],
    })) {
      for (const word of words) assert.equal(statusTone(word), tone, word);
    }
    assert.deepEqual(
      [conditionTone("Degraded", "True"), conditionTone("Stalled", "False"), conditionTone("Progressing", "Unknown")],
      ["bad", "good", "busy"],
    );
    assert.equal(conditionTone("Ready", "False"), "busy");
    assert.equal(conditionTone("Other", "True"), undefined);
  });

  it("are around the text, and not around nothing", () => {
    assert.equal(inTone(painter({ colours: true }), "bad", "x"), "\x1b[31mx\x1b[0m");
    assert.equal(inTone(painter({ colours: false }), "bad", "x"), "x");
    assert.equal(inTone(painter({ colours: true }), "bad", ""), "");
  });
});
