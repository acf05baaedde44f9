import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { ACCOUNT_REQUEST, ANNA, fakeAccounts, SYSTEM } from "./fake-accounts.ts";

describe("LocalSystem", () => {
  const spellings = [
    "LocalSystem",
    "SYSTEM",
    ".\\LocalSystem",
    "NT AUTHORITY\\SYSTEM",
    "nt authority\\system",
    "NT-AUTORITÄT\\SYSTEM",
  ];
  for (const account of spellings) {
    it(`written ${account} is refused, and the message says what would allow it`, async () => {
      const { accounts, recording } = fakeAccounts();
      await assert.rejects(accounts.take({ ...ACCOUNT_REQUEST, runAs: { account } }), {
        name: "StartError",
        reason: "AccountNotAllowed",
        message: /allowPrivileged: true/,
      });
      for (const call of ["LogonUserW", "CreateRestrictedToken"] as const) assert.deepEqual(recording.of(call), []);
      assert.deepEqual(recording.open(), []);
    });

    it(`written ${account} is the daemon's own account where the configuration allows it, without its privileges`, async () => {
      const { accounts, recording } = fakeAccounts();
      const identity = await accounts.take({ ...ACCOUNT_REQUEST, runAs: { account }, allowPrivileged: true });
      assert.equal(identity.sid, "S-1-5-18");
      assert.deepEqual(recording.of("LogonUserW"), []);
      assert.equal(recording.of("CreateRestrictedToken")[0]![1], c.DISABLE_MAX_PRIVILEGE);
    });
  }

  it("is not to be had by a token that turns out to be LocalSystem's", async () => {
    for (const [runAs, tokens] of [
      [{ account: "CORP\\anna", password: "x" }, { LogonUserW: SYSTEM }],
      [{ session: 1 }, { WTSQueryUserToken: SYSTEM }],
    ] as const) {
      const { accounts, recording } = fakeAccounts({}, tokens);
      await assert.rejects(accounts.take({ ...ACCOUNT_REQUEST, runAs }), {
        reason: "AccountNotAllowed",
        message: /allowPrivileged/,
      });
      assert.deepEqual(recording.open(), []);
    }
  });

  it("is not to be had from a daemon that is somebody else", async () => {
    const { accounts } = fakeAccounts({}, { own: { user: ANNA } });
    await assert.rejects(accounts.take({ ...ACCOUNT_REQUEST, runAs: { account: "SYSTEM" }, allowPrivileged: true }), {
      reason: "AccountNotAllowed",
      message: /this one runs as CORP\\anna/,
    });
  });
});
