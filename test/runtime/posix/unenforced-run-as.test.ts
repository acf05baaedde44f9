import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unenforcedRunAs } from "../../../runtime/posix/accounts/run-as.ts";
import type { RunAs } from "../../../runtime/runtime.ts";

const fields = (runAs: RunAs | undefined): string[] => unenforcedRunAs(runAs).map(({ field }) => field);

describe("on Linux, what of runAs is for Windows", () => {
  it("is told as not enforced", () => {
    const runAs: RunAs = {
      account: "nobody",
      keepPrivileges: ["SeTcbPrivilege"],
      writeRestricted: true,
      denyOnlyGroups: ["x"],
      integrityLevel: "Low",
      mitigations: ["NoWin32k"],
    };
    assert.deepEqual(fields(runAs), [
      "runAs.keepPrivileges",
      "runAs.writeRestricted",
      "runAs.denyOnlyGroups",
      "runAs.integrityLevel",
      "runAs.mitigations",
    ]);
    assert.deepEqual(fields({ removePrivileges: ["SeTcbPrivilege"] }), ["runAs.removePrivileges"]);
  });

  it("is not told of when it asks for nothing", () => {
    assert.deepEqual(fields(undefined), []);
    assert.deepEqual(fields({ account: "nobody", writeRestricted: false, mitigations: [], removePrivileges: [] }), []);
  });
});
