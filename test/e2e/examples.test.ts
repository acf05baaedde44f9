/** The example manifests do what they show. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest } from "./daemon-under-test.ts";

describe("example manifests", { timeout: 120_000 }, () => {
  const examples = join(import.meta.dirname, "../../manifests/examples");
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  it("every field, strictly validated, becomes ready", async () => {
    const told = await daemon.ok("apply", "-f", join(examples, "every-field.yaml"), "--wait", "--timeout", "60s");
    assert.equal(
      told,
      "secret/shop created\nconfigmap/shop-env created\nprocess.wctl.dev/shop created\nprocess.wctl.dev/shop-worker created\n",
    );
    assert.equal(await daemon.ok("logs", "instance/shop-1"), "shop 1, greeting: welcome to shop\n");
  });

  it("a one-shot completes", async () => {
    await daemon.ok("apply", "-f", join(examples, "one-shot.yaml"), "--wait", "--timeout", "30s");
    assert.match(await daemon.ok("get", "process", "migrate"), /Completed/);
  });

  it("the Windows one is valid", async () => {
    const told = await daemon.ok("apply", "-f", join(examples, "windows-service.yaml"), "--dry-run=server");
    assert.equal(told, "process.wctl.dev/web created (server dry run)\n");
  });
});
