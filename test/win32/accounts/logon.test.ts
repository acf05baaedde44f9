import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunAs } from "../../../runtime/runtime.ts";
import { tokenConstants as c, SERVICE_ACCOUNT_PASSWORD } from "../../../runtime/win32/ffi/token-constants.ts";
import { ACCOUNT_REQUEST, ANNA, fakeAccounts } from "./fake-accounts.ts";

const text = (value: unknown): string | null =>
  value === null ? null : (value as Buffer).toString("utf16le").replace(/\0$/, "");

/** user, domain, password, type, provider of the one logon there was. */
function logonOf(calls: unknown[][]): unknown[] {
  assert.equal(calls.length, 1);
  const [user, domain, password, type, provider] = calls[0]!;
  return [user, domain, text(password), type, provider];
}

describe("a workload of a service under LocalSystem", () => {
  const cases: [what: string, runAs: RunAs | undefined, logon: unknown[]][] = [
    ["LocalService", { account: "NT AUTHORITY\\LocalService" }, ["LocalService", "NT AUTHORITY", null, 5, 0]],
    ["NetworkService", { account: "NetworkService" }, ["NetworkService", "NT AUTHORITY", null, 5, 0]],
    ["a virtual account", { account: "NT SERVICE\\web" }, ["web", "NT SERVICE", null, 5, 4]],
    ["a managed account", { account: "CORP\\web$" }, ["web$", "CORP", SERVICE_ACCOUNT_PASSWORD, 5, 0]],
    ["a user", { account: "CORP\\anna", password: "gehéim" }, ["anna", "CORP", "gehéim", 5, 0]],
    ["a user by UPN", { account: "anna@corp.example", password: "" }, ["anna@corp.example", null, "", 5, 0]],
  ];
  for (const [what, runAs, logon] of cases) {
    it(`${what}: logs on as a service does`, async () => {
      const { accounts, recording } = fakeAccounts({}, { LogonUserW: { user: ANNA } });
      const identity = await accounts.take({ ...ACCOUNT_REQUEST, ...(runAs && { runAs }) });
      assert.deepEqual(logonOf(recording.of("LogonUserW")), logon);
      assert.equal(identity.sid, ANNA);
      assert.equal(identity.desktop, "");
      assert.deepEqual(identity.environment, { SystemRoot: "C:\\Windows" });
      const [[token, flags, , , , removed]] = recording.of("CreateRestrictedToken") as [unknown[]];
      assert.deepEqual([flags, removed], [c.DISABLE_MAX_PRIVILEGE, null]);
      assert.deepEqual(
        recording.of("CreateEnvironmentBlock").map((args) => args.slice(1)),
        [[token, 0]],
      );
      identity.token.close();
      identity.profile?.unload();
      assert.deepEqual(recording.open(), []);
    });
  }

  it("a local user is looked up on this very machine", async () => {
    const { accounts, recording } = fakeAccounts();
    await assert.rejects(accounts.take({ ...ACCOUNT_REQUEST, runAs: { account: ".\\bob", password: "x" } }));
    assert.match(recording.of("LookupAccountNameW")[0]![1] as string, /^[^.\\]{1,15}\\bob$/);
  });

  it("has its profile loaded without dialogs, before its rights are taken, and unloaded with the logon's token", async () => {
    const { accounts, recording } = fakeAccounts({}, { LogonUserW: { user: ANNA } });
    const { profile, token } = await accounts.take({
      ...ACCOUNT_REQUEST,
      runAs: { account: "CORP\\anna", password: "x" },
    });
    const [[logon, info]] = recording.of("LoadUserProfileW") as [[number, Buffer]];
    assert.deepEqual([info.readUInt32LE(0), info.readUInt32LE(4)], [56, c.PI_NOUI]);
    assert.equal(text(recording.at(info.readBigUInt64LE(8), 10)), "anna");
    const order = recording.calls.map(({ name }) => name);
    assert.ok(order.indexOf("LogonUserW") < order.indexOf("LoadUserProfileW"));
    assert.ok(order.indexOf("LoadUserProfileW") < order.indexOf("CreateEnvironmentBlock"));
    assert.ok(order.indexOf("LoadUserProfileW") < order.indexOf("CreateRestrictedToken"));
    token.close();
    recording.calls.length = 0;
    profile!.unload();
    assert.deepEqual(
      recording.calls.map(({ name, args }) => [name, args[0]]),
      [
        ["UnloadUserProfile", logon],
        ["CloseHandle", logon],
      ],
    );
    assert.deepEqual(recording.open(), []);
  });

  it("keeps its profile when only the daemon goes", async () => {
    const { accounts, recording } = fakeAccounts({}, { LogonUserW: { user: ANNA } });
    const { profile } = await accounts.take({ ...ACCOUNT_REQUEST, runAs: { account: "NT SERVICE\\web" } });
    profile!.leave();
    assert.deepEqual(recording.of("UnloadUserProfile"), []);
  });

  it("of a built-in account needs no profile of ours", async () => {
    const { accounts, recording } = fakeAccounts({}, { LogonUserW: { user: "S-1-5-19" } });
    assert.equal((await accounts.take(ACCOUNT_REQUEST)).profile, undefined);
    assert.deepEqual(recording.of("LoadUserProfileW"), []);
  });

  it("for a session has the rights and the desktop of whoever is logged on there", async () => {
    for (const [session, number] of [
      ["Console", 1],
      [3, 3],
    ] as const) {
      const { accounts, recording } = fakeAccounts(
        { WTSGetActiveConsoleSessionId: () => 1 },
        { WTSQueryUserToken: { user: ANNA } },
      );
      const { desktop, sid, profile, token } = await accounts.take({ ...ACCOUNT_REQUEST, runAs: { session } });
      assert.deepEqual([desktop, sid, profile], ["winsta0\\default", ANNA, undefined]);
      assert.equal(recording.of("WTSQueryUserToken")[0]![0], number);
      assert.deepEqual(recording.of("LogonUserW"), []);
      token.close();
      assert.deepEqual(recording.open(), []);
    }
  });

  it("for a session where nobody is says so", async () => {
    const none = fakeAccounts({ WTSGetActiveConsoleSessionId: () => 0xffffffff });
    await assert.rejects(none.accounts.take({ ...ACCOUNT_REQUEST, runAs: { session: "Console" } }), {
      reason: "AccountNotFound",
      message: /console does not exist/,
    });
    const nobody = fakeAccounts({ WTSQueryUserToken: () => 0, GetLastError: () => 1008 });
    await assert.rejects(nobody.accounts.take({ ...ACCOUNT_REQUEST, runAs: { session: 2 } }), {
      reason: "AccountNotFound",
      message: /nobody is logged on in session 2/,
    });
  });
});
