import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { painter } from "../../../../../cmd/wctl/text/colour.ts";
import { conditionLines } from "../../../../../cmd/wctl/verbs/describe/condition-lines.ts";

const at = "2030-01-01T00:00:00Z";
const condition = (type: string, message: string) => ({
  type,
  status: "False" as const,
  reason: "R",
  message,
  lastTransitionTime: at,
});

describe("the conditions of a description", () => {
  it("tell a failure once", () => {
    const why = "web-0 waits before restart 3 (exit code 3)";
    const lines = conditionLines(
      [
        condition("Ready", `0 of 1 instance ready: ${why}`),
        condition("Progressing", `no progress for 600 s: 0 available. ${why}`),
        condition("Degraded", `1 instance failing: ${why}`),
        condition("Stalled", "nothing waits"),
        condition("Enforced", "told by the decision"),
        condition("Other", ""),
      ],
      { now: new Date(at), paint: painter({ colours: false }) },
      "told by the decision",
    );
    assert.deepEqual(
      lines.slice(2).map((text) => text.replace(/^\S+ +False +R +0s */, "")),
      [
        `0 of 1 instance ready: ${why}`,
        "no progress for 600 s: 0 available (as above)",
        "1 instance failing (as above)",
        "nothing waits",
        "as above",
        "",
      ],
    );
  });
});
