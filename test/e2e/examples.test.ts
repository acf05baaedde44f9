/** The example manifests do what they show. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest } from "./daemon-under-test.ts";

describe("example manifests", () => {
  const examples = join(import.meta.dirname, "../../manifests/examples");
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  it("every field, strictly validated, becomes ready", async () => {
    const told = await daemon.ok("apply", "-f", join(examples, "every-field.yaml"), "--wait", "--timeout", "1h");
    assert.equal(
      told,
      "secret/shop created\nconfigmap/shop-env created\nprocess.wctl.dev/shop created\nprocess.wctl.dev/shop-worker created\n",
    );
    assert.equal(await daemon.ok("logs", "instance/shop-1"), "shop 1, greeting: welcome to shop\n");
  });

  it("a one-shot completes", async () => {
    await daemon.ok("apply", "-f", join(examples, "one-shot.yaml"));
    await daemon.ok("wait", "process/migrate", "--for=condition=Completed", "--timeout=1h");
    assert.match(await daemon.ok("get", "process", "migrate"), /Completed/);
  });

  it("the one of ports is valid", async () => {
    const told = await daemon.ok("apply", "-f", join(examples, "ports.yaml"), "--dry-run=server");
    assert.equal(told, "process.wctl.dev/site created (server dry run)\n");
  });

  it("those of secrets and accounts are valid", async () => {
    const files = ["-f", join(examples, "secrets.yaml"), "-f", join(examples, "accounts.yaml")];
    const told = await daemon.ok("apply", ...files, "--dry-run=server");
    assert.equal(told.match(/ \(server dry run\)$/gm)?.length, 5);
  });

  it("those of the demo on Windows are valid", async () => {
    const told = await daemon.ok("apply", "-f", join(examples, "../demo-windows"), "--dry-run=server");
    assert.equal(told.match(/ \(server dry run\)$/gm)?.length, 4);
  });

  it("the Windows one is valid", async () => {
    const told = await daemon.ok("apply", "-f", join(examples, "windows-service.yaml"), "--dry-run=server");
    const names = [
      "secret/reports-account",
      "process.wctl.dev/web",
      "process.wctl.dev/reports",
      "process.wctl.dev/tray",
    ];
    assert.equal(told, names.map((name) => `${name} created (server dry run)\n`).join(""));
  });

  it("what is for Windows in every field is told as not enforced", async () => {
    const told = await daemon.ok("get", "instance", "shop-worker-0", "-o", "json");
    const { conditions } = (
      JSON.parse(told) as { status: { conditions: { type: string; status: string; message: string }[] } }
    ).status;
    const enforced = conditions.find(({ type }) => type === "Enforced");
    assert.equal(enforced?.status, "False");
    for (const field of ["keepPrivileges", "writeRestricted", "denyOnlyGroups", "integrityLevel", "mitigations"]) {
      assert.match(enforced!.message, new RegExp(`runAs\\.${field}`));
    }
  });
});
