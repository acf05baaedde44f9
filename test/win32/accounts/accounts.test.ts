import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import type { RunAs } from "../../../runtime/runtime.ts";
import { checkAccess } from "../../../runtime/win32/accounts/access-check.ts";
import { Accounts } from "../../../runtime/win32/accounts/accounts.ts";
import { NEEDED } from "../../../runtime/win32/accounts/privileges.ts";
import { giveWorkFolder } from "../../../runtime/win32/accounts/work-folder.ts";
import { callsInThisThread } from "../../../runtime/win32/blocking-calls.ts";
import { tokenConstants as c, SERVICE_ACCOUNT_PASSWORD } from "../../../runtime/win32/ffi/token-constants.ts";
import { createProcess } from "../../../runtime/win32/process/create-process.ts";
import { takenMitigations } from "../../../runtime/win32/process/mitigations.ts";
import { decodeSid } from "../../../runtime/win32/security/sid.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { type Answers, luidOf, recordingWinapi } from "../recording-winapi.ts";
import { ACCOUNT_REQUEST, ANNA, type FakeAccounts, fakeAccounts, SYSTEM } from "./fake-accounts.ts";

const REQUEST = {
  image: "C:\\p\\p.exe",
  commandLine: "p",
  workingDir: "C:\\work",
  stdin: 4,
  stdout: 8,
  stderr: 8,
  more: [],
  jobs: [],
  flags: 0,
};

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

describe("a daemon that begins", () => {
  const begin = (own: string, answers: Answers) => {
    const said: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (message, fields) => void said.push(message, fields) };
    const recording = recordingWinapi(answers, { own: { user: own } });
    const { api } = recording;
    new Accounts({ api, slow: callsInThisThread(api), clock: new FakeClock(), logger });
    assert.deepEqual(recording.open(), []);
    return { recording, said };
  };

  it("enables what it needs, one privilege after the other, and is quiet when it has all", () => {
    const { recording, said } = begin("S-1-5-18", {});
    const states = recording.of("AdjustTokenPrivileges").map((args) => args[2] as Buffer);
    assert.deepEqual(
      states.map((state) => [state.readUInt32LE(0), state.readBigUInt64LE(4), state.readUInt32LE(12)]),
      Object.keys(NEEDED).map((name) => [1, luidOf(name), c.SE_PRIVILEGE_ENABLED]),
    );
    assert.deepEqual(said, []);
  });

  it("as the service says in its log which are missing, and what for", () => {
    const { said } = begin("S-1-5-18", { GetLastError: () => c.ERROR_NOT_ALL_ASSIGNED });
    assert.match(String(said[0]), /lacks privileges.*wctl service install/);
    assert.match(JSON.stringify(said[1]), /SeTcbPrivilege \(to log on virtual accounts/);
  });

  it("as somebody else misses nothing", () => {
    assert.deepEqual(begin(ANNA, { GetLastError: () => c.ERROR_NOT_ALL_ASSIGNED }).said, []);
  });
});

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

describe("whatever call fails", () => {
  const wanted: RunAs[] = [
    {},
    { account: "CORP\\anna", password: "x", writeRestricted: true, integrityLevel: "Low" },
    {
      account: "NT SERVICE\\web",
      keepPrivileges: ["SeShutdownPrivilege"],
      denyOnlyGroups: ["BUILTIN\\Administrators"],
    },
    {
      account: "CORP\\web$",
      removePrivileges: ["SeImpersonatePrivilege"],
      mitigations: ["NoChildProcess", "NoWin32k"],
    },
    { session: 2, writeRestricted: true },
    { account: "SYSTEM", integrityLevel: "Medium" },
  ];
  const token = (user: string) => ({ user, groups: [{ sid: "S-1-5-5-0-77", attributes: c.SE_GROUP_LOGON_ID }] });

  /** All that is done with an account between the manifest and the process. */
  async function start({ accounts, recording: { api } }: FakeAccounts, runAs: RunAs): Promise<void> {
    const identity = await accounts.take({ ...ACCOUNT_REQUEST, runAs, allowPrivileged: true });
    try {
      const { attributes } = takenMitigations(api, runAs.mitigations ?? []);
      const { sid, label } = identity;
      giveWorkFolder(api, "C:\\work", {
        sid,
        home: "uid-1",
        writeRestricted: runAs.writeRestricted ?? false,
        isLow: true,
      });
      checkAccess(api, identity.token, label, "C:\\p\\p.exe", "C:\\work");
      const child = createProcess(api, { ...REQUEST, ...identity, attributes, environment: Buffer.alloc(4) });
      child.close();
    } finally {
      identity.token.close();
      identity.profile?.unload();
    }
  }

  it("every handle that was opened is closed, and before the process a StartError tells of it", async () => {
    const failed = new Set<string>();
    for (const own of ["S-1-5-18", ANNA]) {
      for (const runAs of wanted) {
        for (let count = 0, isFailing = true; isFailing; count++) {
          const fake = fakeAccounts(
            {},
            {
              own: token(own),
              LogonUserW: token("S-1-5-19"),
              WTSQueryUserToken: token(ANNA),
            },
          );
          const before = new Set(fake.recording.open());
          fake.recording.failAfter(count);
          await start(fake, runAs).catch(() => undefined);
          const name = fake.recording.failed();
          isFailing = name !== undefined;
          if (name !== undefined) failed.add(name);
          const left = fake.recording.open().filter((one) => !before.has(one));
          assert.deepEqual(left, [], `call ${count}, ${name}, of ${JSON.stringify(runAs)} as ${own}`);
        }
      }
    }
    for (const call of [
      "LogonUserW",
      "LoadUserProfileW",
      "CreateRestrictedToken",
      "WTSQueryUserToken",
      "SetTokenInformation",
    ]) {
      assert.ok(failed.has(call), call);
    }
    for (const call of [
      "CreateProcessAsUserW",
      "DuplicateTokenEx",
      "CreateFileW",
      "SetKernelObjectSecurity",
      "GetTokenInformation",
    ]) {
      assert.ok(failed.has(call), call);
    }
  });
});
