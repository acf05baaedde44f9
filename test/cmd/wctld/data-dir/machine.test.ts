import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { windowsMachine } from "../../../../cmd/wctld/data-dir/machine.ts";

describe("which machine it is, on Windows", () => {
  const guid = "4EE21C03-1f5c-4d8e-9d0f-0123456789ab";

  it("is a hash of the machine's GUID, however it is written", () => {
    const machine = windowsMachine(guid, false);
    assert.match(machine ?? "", /^[0-9a-f]{64}$/);
    assert.equal(windowsMachine(guid.toLowerCase(), false), machine);
    assert.notEqual(windowsMachine(guid.replace("4", "5"), false), machine);
  });

  it("does not count in a container, nor where it is not told", () => {
    assert.equal(windowsMachine(guid, true), undefined);
    assert.equal(windowsMachine(undefined, false), undefined);
  });
});
