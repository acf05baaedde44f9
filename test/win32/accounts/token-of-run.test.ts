import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { decodeSid } from "../../../runtime/win32/security/sid.ts";
import { ANNA, fakeAccounts } from "./fake-accounts.ts";

describe("the token of what runs beside a workload", () => {
  it("is the workload's own again, when the daemon is LocalSystem", () => {
    const { accounts, recording } = fakeAccounts();
    const token = accounts.tokenOfRun(77, {}, "uid-1");
    const [process, access] = recording.of("OpenProcessToken")[0]!;
    assert.deepEqual([process, access], [77, c.TOKEN_DUPLICATE | c.TOKEN_QUERY]);
    const [, , , level, type] = recording.of("DuplicateTokenEx")[0]!;
    assert.deepEqual([level, type], [c.SecurityImpersonation, c.TokenPrimary]);
    assert.deepEqual(recording.of("LogonUserW"), []);
    token.close();
    assert.deepEqual(recording.open(), []);
  });

  it("is made anew with the same restrictions, when the daemon can use copies of its own only", () => {
    const { accounts, recording } = fakeAccounts({}, { own: { user: ANNA, privileges: ["SeShutdownPrivilege"] } });
    const token = accounts.tokenOfRun(77, { denyOnlyGroups: ["S-1-5-32-544"], keepPrivileges: [] }, "uid-1");
    const [, flags, denied, deny, removed] = recording.of("CreateRestrictedToken")[0]!;
    assert.deepEqual([flags, denied, removed], [0, 1, 1]);
    assert.equal(decodeSid(recording.at((deny as Buffer).readBigUInt64LE(0), 28)), "S-1-5-32-544");
    token.close();
    assert.deepEqual(recording.open(), []);
  });
});
