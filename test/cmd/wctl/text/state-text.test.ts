import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InstanceState } from "../../../../api/types.generated.ts";
import { decisionText, stateText } from "../../../../cmd/wctl/text/state-text.ts";

const now = new Date("2026-01-01T00:01:00Z");
const times = { startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:02Z" };

describe("the text about a run that has ended", () => {
  const table: [InstanceState["terminated"], string][] = [
    [{ reason: "SIGKILL", signal: "SIGKILL", ...times }, "Ended: signal SIGKILL after 2s, 58s ago"],
    [{ reason: "Deleted", signal: "SIGTERM", ...times }, "Ended: Deleted, signal SIGTERM after 2s, 58s ago"],
    [{ reason: "OOMKilled", signal: "SIGKILL", ...times }, "Ended: OOMKilled, signal SIGKILL after 2s, 58s ago"],
    [{ reason: "Error", exitCode: 3, ...times }, "Ended: Error, exit code 3 after 2s, 58s ago"],
    [
      { reason: "AccessViolation", exitCode: 3221225477, exitCodeHex: "0xC0000005", ...times },
      "Ended: AccessViolation, exit code 3221225477 (0xC0000005) after 2s, 58s ago",
    ],
    [{ reason: "Unknown", message: "nobody saw it" }, "Ended: Unknown, exit code unknown: nobody saw it"],
  ];
  for (const [terminated, text] of table)
    it(text, () => assert.equal(stateText({ terminated: terminated! }, now), text));
});

describe("the time of a next look", () => {
  const decided = (nextTry: string) =>
    decisionText({ rule: "Wait", message: "for it", time: times.startedAt, nextTry }, now);

  it("is told while it is to come, or due just now, and not when it is long past: it was looked at since", () => {
    assert.equal(decided("2026-01-01T00:01:08Z"), "Wait: for it (60s ago, next look in 8s)");
    assert.equal(decided("2026-01-01T00:00:58Z"), "Wait: for it (60s ago, next look now)");
    assert.equal(decided("2026-01-01T00:00:10Z"), "Wait: for it (60s ago)");
    const waiting = { reason: "CrashLoopBackOff", retryAt: "2026-01-01T00:00:10Z" };
    assert.equal(stateText({ waiting }, now), "Waiting: CrashLoopBackOff");
  });
});
