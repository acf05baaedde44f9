import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventLogRecorder, serviceEvents } from "../../../../cmd/wctld/service/service-events.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

const about = (name: string) => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1", generation: 1 },
});

describe("Events in Windows' event log", () => {
  it("have numbers that never change", () => {
    assert.deepEqual(
      Object.entries(serviceEvents).map(([name, { id }]) => `${id} ${name}`),
      [
        "1 started",
        "2 stopping",
        "3 stopped",
        "4 paused",
        "5 continued",
        "10 failedToStart",
        "11 failed",
        "12 apiShut",
        "13 apiOpen",
        "100 objectWarning",
      ],
    );
  });

  it("are the Warnings without what was printed, which the API alone tells (W12)", () => {
    const clock = new FakeClock();
    const written: string[] = [];
    const passed: string[] = [];
    const recorder = new EventLogRecorder({
      next: { event: (object, type, reason) => void passed.push(`${object.metadata.name} ${type} ${reason}`) },
      log: { report: (kind, id, text) => void written.push(`${kind} ${id} ${text}`) },
      clock,
    });
    const say = (name: string, type: "Normal" | "Warning", reason: string): void =>
      recorder.event(about(name) as never, type, reason, "the probe printed hunter22");
    say("web-0", "Normal", "Started");
    say("web-0", "Warning", "BackOff");
    say("web-0", "Warning", "BackOff");
    say("web-0", "Warning", "Exited");
    say("web-1", "Warning", "BackOff");
    clock.advance(10 * 60_000);
    say("web-0", "Warning", "BackOff");
    assert.equal(passed.length, 6);
    assert.deepEqual(written, [
      "warning 100 BackOff: Instance web-0 in namespace default. wctl describe instance/web-0 -n default tells what happened.",
      "warning 100 Exited: Instance web-0 in namespace default. wctl describe instance/web-0 -n default tells what happened.",
      "warning 100 BackOff: Instance web-1 in namespace default. wctl describe instance/web-1 -n default tells what happened.",
      "warning 100 BackOff: Instance web-0 in namespace default. wctl describe instance/web-0 -n default tells what happened.",
    ]);
  });
});
