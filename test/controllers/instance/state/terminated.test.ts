import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Interruption, terminatedState } from "../../../../controllers/instance/state/terminated.ts";
import type { ExitStatus, ProcessState } from "../../../../runtime/runtime.ts";

const at = "2030-01-01T00:00:00Z";
const message = (exit: Partial<ExitStatus>, isDiskFull: boolean, interruption?: Interruption): string | undefined => {
  const process = { startedAt: at, exit: { finishedAt: at, ...exit } } as ProcessState;
  return terminatedState(process, exit.code === 0, interruption, { isDiskFull: () => isDiskFull }).message;
};

describe("how a run has ended", () => {
  it("tells of a full disk only where the run has failed by itself", () => {
    assert.equal(message({ code: 1 }, true), "the disk of its home was full");
    assert.equal(message({ code: 1 }, false), undefined);
    assert.equal(message({ code: 0 }, true), undefined);
    assert.equal(message({ signal: "SIGTERM" }, true, "Suspended"), "stopped because spec.suspend is true");
  });

  it("tells of it beside what an exit code means", () => {
    assert.match(message({ code: 0xc0000135 }, true)!, /\w; the disk of its home was full$/);
  });
});
