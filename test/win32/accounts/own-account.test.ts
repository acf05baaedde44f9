import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { ACCOUNT_REQUEST, ANNA, fakeAccounts } from "./fake-accounts.ts";

describe("a workload of a daemon under an ordinary account", () => {
  const own = { user: ANNA };

  for (const [what, runAs] of [
    ["without runAs", undefined],
    ["that names that account", { account: "CORP\\anna" }],
  ] as const) {
    it(`${what} has a restricted copy of the daemon's own token; nobody logs on`, async () => {
      const { accounts, recording } = fakeAccounts({}, { own });
      const identity = await accounts.take({ ...ACCOUNT_REQUEST, ...(runAs && { runAs }) });
      assert.deepEqual([identity.sid, identity.label, identity.desktop], [ANNA, "CORP\\anna", undefined]);
      assert.deepEqual(recording.of("LogonUserW"), []);
      const [[from, flags]] = recording.of("CreateRestrictedToken") as [unknown[]];
      assert.equal(flags, c.DISABLE_MAX_PRIVILEGE);
      assert.notEqual(identity.token.handle, from);
      identity.token.close();
      assert.deepEqual(recording.open(), []);
    });
  }

  it("can't be another account when the daemon lacks the privileges, which are named", async () => {
    const missing = { AdjustTokenPrivileges: () => 1, GetLastError: () => c.ERROR_NOT_ALL_ASSIGNED };
    const { accounts, recording } = fakeAccounts(missing, { own });
    await assert.rejects(accounts.take({ ...ACCOUNT_REQUEST, runAs: { account: "NT SERVICE\\web" } }), {
      reason: "AccountNotAllowed",
      message:
        /CORP\\anna and lacks SeAssignPrimaryTokenPrivilege, SeIncreaseQuotaPrivilege, SeTcbPrivilege, SeBackupPrivilege, SeRestorePrivilege.*wctl service install/,
    });
    assert.deepEqual(recording.of("LogonUserW"), []);
  });
});
