import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunAs } from "../../../runtime/runtime.ts";
import { ACCOUNT_REQUEST, fakeAccounts } from "./fake-accounts.ts";

const text = (value: unknown): string | null =>
  value === null ? null : (value as Buffer).toString("utf16le").replace(/\0$/, "");

describe("what a manifest asks for that can't be had", () => {
  const cases: [what: string, runAs: RunAs, code: number, reason: string, message: RegExp][] = [
    [
      "an unknown account",
      { account: "nobody", password: "x" },
      1332,
      "AccountNotFound",
      /account "nobody" does not exist/,
    ],
    ["a service that is not there", { account: "NT SERVICE\\x" }, 1332, "AccountNotFound", /sc query x/],
    ["an unknown group", { denyOnlyGroups: ["x"] }, 1332, "InvalidArgument", /denyOnlyGroups: .* no group x/],
    ["a user without a password", { account: "CORP\\anna" }, 0, "AccountNotAllowed", /runAs\.passwordSecretRef/],
  ];
  for (const [what, runAs, code, reason, message] of cases) {
    it(`${what} is told with ${reason}`, async () => {
      const { accounts, recording } = fakeAccounts({ GetLastError: () => code });
      await assert.rejects(accounts.take({ ...ACCOUNT_REQUEST, runAs }), { name: "StartError", reason, message });
      assert.deepEqual(recording.open(), []);
    });
  }

  const logons: [code: number, reason: string, words: RegExp][] = [
    [1326, "LogonFailed", /password is wrong/],
    [1327, "LogonFailed", /policy/],
    [1330, "LogonFailed", /expired/],
    [1331, "LogonFailed", /disabled/],
    [1385, "LogonFailed", /Log on as a service.*wctl service grant-logon "CORP\\anna"/],
    [1907, "LogonFailed", /must be changed/],
    [1909, "LogonFailed", /locked out/],
    [1311, "LogonFailed", /no domain controller/],
    [4711, "LogonFailed", /the logon failed.*error 4711/],
  ];
  for (const [code, reason, message] of logons) {
    it(`a logon that fails with ${code} is told in words, without the password`, async () => {
      const { accounts, recording } = fakeAccounts({ LogonUserW: () => 0, GetLastError: () => code });
      const error = await accounts
        .take({ ...ACCOUNT_REQUEST, runAs: { account: "CORP\\anna", password: "s3cr3t" } })
        .then(
          () => assert.fail(),
          (reason: unknown) => reason as Error & { reason: string },
        );
      assert.equal(error.reason, reason);
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message} ${error.cause}`, /s3cr3t/);
      assert.deepEqual(recording.open(), []);
    });
  }

  it("a password is zeroed when the logon is over, successful or not", async () => {
    for (const done of [1, 0]) {
      let given: Buffer | undefined;
      const LogonUserW = (_user: string, _domain: string, password: Buffer) => {
        given = password;
        assert.equal(text(password), "s3cr3t");
        return done;
      };
      const { accounts } = fakeAccounts({ LogonUserW });
      await accounts
        .take({ ...ACCOUNT_REQUEST, runAs: { account: "CORP\\anna", password: "s3cr3t" } })
        .catch(() => undefined);
      assert.ok(given!.every((byte) => byte === 0));
    }
  });
});
