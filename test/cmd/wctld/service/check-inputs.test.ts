import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { UsageError } from "../../../../cmd/wctld/config/options.ts";
import { warningsAboutInputs } from "../../../../cmd/wctld/service/check-inputs.ts";
import { ADMINISTRATORS, descriptor, descriptorsOf, OURS, SYSTEM, USERS } from "../../../runtime/win32/descriptors.ts";
import { FakeServiceApi } from "../../../runtime/win32/service-api-fake.ts";

describe("what is to tell the service what to do, at its installation", () => {
  const top = mkdtempSync(join(tmpdir(), "wctl-inputs-"));
  const manifests = join(top, "manifests");
  mkdirSync(manifests);
  after(() => rmSync(top, { recursive: true }));
  const open = descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: 0x1301bf }]);
  const windows = (byPath: Record<string, Buffer>): FakeServiceApi => {
    const fake: FakeServiceApi = new FakeServiceApi({
      ...descriptorsOf(descriptor(ADMINISTRATORS, OURS), () => byPath),
      ConvertSidToStringSidW: (_sid: bigint, out: Buffer) => {
        out.writeBigUInt64LE(fake.text(SYSTEM));
        return 1;
      },
    });
    return fake;
  };

  it("is refused when strangers can write to it and it is named now", () => {
    assert.deepEqual(warningsAboutInputs(windows({}).api, { manifests, config: undefined }), []);
    const inputs = { manifests, config: undefined };
    assert.throws(() => warningsAboutInputs(windows({ [manifests]: open }).api, inputs), UsageError);
    assert.ok(existsSync(manifests));
  });

  it("does not end an upgrade halfway when an earlier version was installed with it: it is a warning, and is not read", () => {
    const inputs = { manifests, config: undefined };
    const warnings = warningsAboutInputs(windows({ [manifests]: open }).api, inputs, {});
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^--manifests, as it was installed: the service will not read it: .*may write to it/);
  });
});
