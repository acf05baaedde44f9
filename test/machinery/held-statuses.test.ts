import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../api/object.ts";
import type { Process } from "../../api/types.generated.ts";
import { HeldStatuses } from "../../machinery/held-statuses.ts";
import { FakeClock } from "../lib/fake-clock.ts";

const web = (uid = "u1"): Stored<Process> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata: { name: "web", namespace: "default", uid, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { command: "/bin/web" },
  status: { phase: "Running" },
});
const setUp = () => {
  const clock = new FakeClock();
  return { clock, held: new HeldStatuses<Process>(clock) };
};

describe("HeldStatuses", () => {
  it("shows an Object with the status that waits, as if it were written", () => {
    const { held } = setUp();
    assert.equal(held.over(web()).status?.phase, "Running");
    held.hold(web(), { phase: "Pending" }, 150);
    assert.equal(held.over(web()).status?.phase, "Pending");
    held.release("default/web");
    assert.equal(held.over(web()).status?.phase, "Running");
  });

  it("lets what changes all the time wait no longer than what stays", () => {
    const { clock, held } = setUp();
    assert.equal(held.hold(web(), { phase: "Pending" }, 150), 150);
    clock.advance(100);
    assert.equal(held.hold(web(), { phase: "Terminating" }, 150), 50);
    clock.advance(60);
    assert.equal(held.hold(web(), { phase: "Pending" }, 150), 0);
    held.release("default/web");
    assert.equal(held.hold(web(), { phase: "Pending" }, 150), 150);
  });

  it("tells nothing of an earlier Object of the same name, and forgets it", () => {
    const { clock, held } = setUp();
    held.hold(web("u1"), { phase: "Pending" }, 150);
    clock.advance(100);
    assert.equal(held.over(web("u2")).status?.phase, "Running");
    assert.equal(held.hold(web("u2"), { phase: "Pending" }, 150), 150);
    held.release("default/web");
    assert.equal(held.size, 0);
  });
});
