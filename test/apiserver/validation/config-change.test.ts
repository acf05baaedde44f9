import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConfigChange } from "../../../api/types.generated.ts";
import { configChangeCauses, configChangeWarnings } from "../../../apiserver/validation/config-change.ts";

const told = (configChange: ConfigChange): string =>
  configChangeCauses({ command: "x", configChange }, "c")
    .map(({ field, message }) => `${field}: ${message}`)
    .join();

describe("configChange", () => {
  it("has what its action needs", () => {
    const exec = { command: ["/bin/reload"] };
    for (const one of [{}, { action: "Signal", signal: "SIGHUP" }, { action: "Exec", exec }, { action: "None" }])
      assert.equal(told(one as ConfigChange), "");
    assert.match(told({ action: "Signal" }), /c\.signal: Required/);
    assert.match(told({ action: "Exec" }), /c\.exec: Required/);
    assert.match(told({ signal: "SIGHUP" }), /c\.signal: Forbidden: only with action Signal/);
    assert.match(told({ action: "None", exec }), /c\.exec: Forbidden: only with action Exec/);
    assert.match(told({ action: "Signal", signal: "SIGKILL" }), /c\.signal: .*is not a request/);
    assert.match(told({ action: "Signal", signal: "SIGHUB" }), /did you mean SIGHUP/);
    assert.match(told({ action: "Exec", exec: { command: ["a.bat"] } }), /c\.exec\.command\[0\]: .*batch file/);
  });

  it("is warned of when there is nothing to tell of", () => {
    const configChange: ConfigChange = { action: "Signal", signal: "SIGHUP" };
    assert.match(configChangeWarnings({ command: "x", configChange }).join(), /Signal is for spec\.files/);
    const files = [{ path: "a", configMapRef: { name: "m", key: "k" } }];
    assert.deepEqual(configChangeWarnings({ command: "x", configChange, files }), []);
    assert.deepEqual(configChangeWarnings({ command: "x" }), []);
  });
});
