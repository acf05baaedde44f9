import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Restrictions, RunAs } from "../../../runtime/runtime.ts";
import { processAccess } from "../../../runtime/win32/accounts/process-access.ts";
import { homeSid, processAccount } from "../../../runtime/win32/accounts/process-account.ts";
import { giveWorkFolder, workFolderSddl } from "../../../runtime/win32/accounts/work-folder.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { createProcess } from "../../../runtime/win32/process/create-process.ts";
import { encodeSid } from "../../../runtime/win32/security/sid.ts";
import type { Answers, Recording } from "../recording-winapi.ts";
import { ACCOUNT_REQUEST, ANNA, type FakeAccounts, fakeAccounts } from "./fake-accounts.ts";

const SHARED = /S-1-5-(19|20)\b/;
const WEB = { ...ACCOUNT_REQUEST, owner: "web-uid", homeId: "web-uid/0" };
const DB = { ...ACCOUNT_REQUEST, owner: "db-uid", homeId: "db-uid/0" };

const DESCRIPTOR = "ConvertStringSecurityDescriptorToSecurityDescriptorW";
const sddls = (recording: Recording): string[] => recording.of(DESCRIPTOR).map(([sddl]) => sddl as string);

const MACHINE: Answers = {
  ReadProcessMemory: (_process: number, _address: bigint, out: Buffer) => {
    out.write("SystemRoot=C:\\Windows\0USERNAME=SYSTEM\0TEMP=C:\\Windows\\TEMP\0\0", "utf16le");
    return 1;
  },
};

describe("a workload of the service that names no account, and one that names Dynamic", () => {
  for (const runAs of [undefined, { account: "Dynamic" }] as (RunAs | undefined)[]) {
    it(`(${runAs?.account ?? "nobody"}) logs on as an account that its Process has for itself, without a password, as a service`, async () => {
      const { accounts, recording } = fakeAccounts();
      const identity = await accounts.take({ ...WEB, ...(runAs && { runAs }) });
      const own = processAccount("web-uid");
      assert.deepEqual([identity.sid, identity.label], [own.sid, "WCTL APP\\web-uid"]);
      assert.deepEqual(
        [...recording.mapped],
        [
          ["WCTL APP", "S-1-5-107"],
          ["WCTL APP\\web-uid", own.sid],
        ],
      );
      const [[user, domain, password, type, provider, groups]] = recording.of("LogonUserExExW") as [unknown[]];
      assert.deepEqual(
        [user, domain, (password as Buffer).toString("utf16le"), type, provider, groups],
        ["web-uid", "WCTL APP", "\0", 5, 4, null],
      );
      assert.deepEqual(recording.of("LogonUserW"), []);
      assert.equal(recording.of("CreateRestrictedToken")[0]![1], c.DISABLE_MAX_PRIVILEGE);
      identity.token.close();
      assert.deepEqual(recording.open(), []);
    });
  }

  it("of two Processes are two people: no name, token, process, thread, default or folder of one says the other, LocalService or NetworkService", async () => {
    const said: string[][] = [];
    for (const wish of [WEB, DB]) {
      const { accounts, recording } = fakeAccounts();
      const identity = await accounts.take(wish);
      const { sid } = identity;
      const user = { sid, home: wish.homeId, writeRestricted: false, isLow: false };
      giveWorkFolder(recording.api, "C:\\d\\work", user);
      const program = {
        image: "C:\\p.exe",
        commandLine: "p",
        workingDir: "C:\\d\\work",
        stdin: 4,
        stdout: 8,
        stderr: 8,
      };
      const rest = { more: [], jobs: [], flags: 0, attributes: [], environment: Buffer.alloc(4) };
      createProcess(recording.api, { ...identity, ...program, ...rest, access: processAccess(sid, wish.homeId) });
      const [call] = recording.of("CreateProcessAsUserW");
      assert.ok(Buffer.isBuffer(call![3]) && Buffer.isBuffer(call![4]), "process and thread have a list of their own");
      said.push([sid, identity.label, workFolderSddl(user), ...sddls(recording)]);
      assert.deepEqual(sddls(recording).slice(-3), [
        `D:(A;;GA;;;SY)(A;;GA;;;${sid})`,
        `D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x1201bf;;;${sid})(A;OICIIO;0x1301bf;;;${sid})`,
        `D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;0x13ffff;;;${sid})(A;;RC;;;OW)`,
      ]);
    }
    const [web, db] = said as [string[], string[]];
    for (const text of [...web, ...db]) assert.doesNotMatch(text, SHARED);
    for (const text of web) assert.ok(!text.includes(db[0]!) && !text.includes(db[1]!), text);
  });

  it("of one Process are one account, after every restart of the daemon", async () => {
    const sids = [];
    for (const homeId of ["web-uid/0", "web-uid/1"])
      sids.push((await fakeAccounts().accounts.take({ ...WEB, homeId })).sid);
    assert.equal(sids[0], sids[1]);
    assert.match(sids[0]!, /^S-1-5-107(-\d{1,10}){5}$/);
  });

  it("has integrity Medium, unless the manifest says otherwise", async () => {
    for (const [runAs, level] of [
      [{}, "Medium"],
      [{ integrityLevel: "Low" }, "Low"],
      [{ account: "LocalService" }, "Medium"],
    ] as const) {
      const { accounts } = fakeAccounts({}, { LogonUserW: { user: "S-1-5-19" } });
      assert.equal((await accounts.take({ ...WEB, runAs })).restrictions.integrityLevel, level);
    }
    const { accounts } = fakeAccounts({}, { WTSQueryUserToken: { user: ANNA } });
    assert.equal((await accounts.take({ ...WEB, runAs: { session: 1 } })).restrictions.integrityLevel, undefined);
  });

  it("has no profile: its folders are the one of the instance", async () => {
    const { accounts, recording } = fakeAccounts(MACHINE);
    const { profile, environment } = await accounts.take({ ...WEB, home: "C:\\d\\work" });
    assert.deepEqual([profile, recording.of("LoadUserProfileW")], [undefined, []]);
    const home = "C:\\d\\work";
    assert.deepEqual(environment, {
      SystemRoot: "C:\\Windows",
      USERNAME: "web-uid",
      USERDOMAIN: "WCTL APP",
      USERPROFILE: home,
      HOMEDRIVE: "C:",
      HOMEPATH: "\\d\\work",
      APPDATA: home,
      LOCALAPPDATA: home,
      TEMP: home,
      TMP: home,
    });
    assert.deepEqual(
      recording.of("CreateEnvironmentBlock").map(([, token]) => token),
      [0],
    );
  });

  it("has the same variables in a probe after the daemon was replaced", async () => {
    const { accounts } = fakeAccounts(MACHINE);
    const { token, label, environment } = await accounts.take(WEB);
    assert.deepEqual(accounts.environmentOf(token, label, WEB.home), environment);
  });

  it("gets the right to log on as a service when it is missing, and only then", async () => {
    let tries = 0;
    const { accounts, recording } = fakeAccounts({
      LogonUserExExW: (...args: unknown[]) => {
        if (tries++ === 0) return 0;
        (args[6] as Buffer).writeBigUInt64LE(4n);
        return 1;
      },
      GetLastError: () => (tries === 1 ? 1385 : 0),
    });
    await assert.rejects(accounts.take(WEB), /logged on as/); // This made-up token says so.
    const [[, sid]] = recording.of("LsaAddAccountRights") as [[number, Buffer]];
    assert.equal(sid.readUInt32LE(8), 107);
    assert.equal(tries, 2);
    const usual = fakeAccounts();
    await usual.accounts.take(WEB);
    assert.deepEqual(usual.recording.of("LsaAddAccountRights"), []);
  });
});

describe("an account of its own that can't be made", () => {
  const refused = async (answers: Answers): Promise<{ recording: Recording; message: string }> => {
    const { accounts, recording } = fakeAccounts(answers);
    const message = await accounts.take(WEB).then(
      () => assert.fail("was started"),
      (error: Error) => error.message,
    );
    assert.deepEqual(
      [recording.of("LogonUserW"), recording.of("CreateRestrictedToken")],
      [[], []],
      "nobody else's instead",
    );
    assert.deepEqual(recording.open(), []);
    return { recording, message };
  };

  it("is refused, and never LocalService instead: when Windows refuses the mapping, or lacks the call", async () => {
    const { message } = await refused({ LsaManageSidNameMapping: () => -1073741790, LsaNtStatusToWinError: () => 5 });
    assert.match(
      message,
      /no account of its own can be made for the Process: LsaManageSidNameMapping: .*ACCESS_DENIED.*runAs\.account/,
    );
    const bare = await refused({ LsaManageSidNameMapping: undefined });
    assert.match(bare.message, /this Windows has no LsaManageSidNameMapping/);
  });

  it("is refused when somebody else has its name", async () => {
    const { message } = await refused({
      LsaManageSidNameMapping: (_operation: number, _input: Buffer, out: Buffer) => {
        out.writeBigUInt64LE(77n);
        return -1073741811;
      },
      ReadProcessMemory: (_process: number, _address: bigint, out: Buffer) => out.writeUInt32LE(2) && 1,
    });
    assert.match(message, /the name WCTL APP\\web-uid belongs to nobody and not to S-1-5-107-/);
  });

  it("is refused when the logon turns out to be another's", async () => {
    const { accounts, recording } = fakeAccounts({}, { LogonUserExExW: { user: ANNA } });
    await assert.rejects(accounts.take(WEB), { reason: "LogonFailed", message: /logged on as .* not as S-1-5-107-/ });
    assert.deepEqual(recording.open(), []);
  });

  it("is refused to a daemon that is not LocalSystem, with what would help", async () => {
    const { accounts } = fakeAccounts({ GetLastError: () => 1300 }, { own: { user: ANNA } });
    await assert.rejects(accounts.take({ ...WEB, runAs: { account: "Dynamic" } }), {
      reason: "AccountNotAllowed",
      message: /lacks .*SeTcbPrivilege.* an account of the Process's own: install it as the service/,
    });
  });
});

describe("the account of a Process that is gone", () => {
  it("is forgotten by Windows, with the rights it was given; other accounts are left alone", async () => {
    const { accounts, recording } = fakeAccounts();
    const { label } = await accounts.take(WEB);
    accounts.leave("NT AUTHORITY\\LOCAL SERVICE");
    accounts.leave("CORP\\anna");
    assert.equal(recording.mapped.size, 2);
    accounts.leave(label);
    assert.deepEqual([...recording.mapped.keys()], ["WCTL APP"]);
    assert.deepEqual(
      recording.of("LsaRemoveAccountRights").map(([, , all]) => all),
      [1],
    );
  });
});

describe("the account of a Process whose next copy is just being started", () => {
  it("stays, though the last one before it goes at that moment", async () => {
    const made: FakeAccounts = fakeAccounts({
      LookupAccountNameW: (_system: null, name: string, sid: Buffer) => {
        made.accounts.leave("WCTL APP\\web-uid"); // As a removal that ends between the mapping and the logon.
        return encodeSid(made.recording.mapped.get(name)!).copy(sid) && 1;
      },
    });
    const { accounts, recording } = made;
    const { label } = await accounts.take(WEB);
    assert.ok(recording.mapped.has(label));
    accounts.leave(label);
    assert.ok(!recording.mapped.has(label));
  });
});

describe("shared accounts, when they are named", () => {
  for (const [account, sid, folder] of [
    ["LocalService", "S-1-5-19", "LocalService"],
    ["NetworkService", "S-1-5-20", "NetworkService"],
  ] as const) {
    it(`${account}: has the machine's variables alone, since every program of that account could have written its own (HKU\\${sid}\\Environment)`, async () => {
      const { accounts, recording } = fakeAccounts(MACHINE, { LogonUserW: { user: sid } });
      const { environment } = await accounts.take({ ...WEB, runAs: { account } });
      assert.deepEqual(
        recording.of("CreateEnvironmentBlock").map(([, token]) => token),
        [0],
      );
      const profile = `C:\\Windows\\ServiceProfiles\\${folder}`;
      assert.equal(environment.USERPROFILE, profile);
      assert.deepEqual(
        [environment.APPDATA, environment.TEMP],
        [`${profile}\\AppData\\Roaming`, `${profile}\\AppData\\Local\\Temp`],
      );
    });
  }
});

describe("two write-restricted instances of one account", () => {
  it("don't reach each other: neither lists what the other may write", async () => {
    const restrictions: Restrictions = { writeRestricted: true };
    const lists: string[] = [];
    for (const homeId of ["a", "b"]) {
      const { accounts, recording } = fakeAccounts({}, { LogonUserW: { user: ANNA } });
      await accounts.take({ ...WEB, homeId, runAs: { account: "CORP\\anna", password: "x", ...restrictions } });
      const folder = workFolderSddl({ sid: ANNA, home: homeId, writeRestricted: true, isLow: false });
      lists.push([...sddls(recording), folder, processAccess(ANNA, homeId, true)].join(" "));
      assert.equal(lists.at(-1)!.split(homeSid(homeId)).length - 1, 4, "default list, folder twice, process");
      assert.doesNotMatch(lists.at(-1)!, /S-1-5-33\b/);
    }
    assert.ok(!lists[0]!.includes(homeSid("b")) && !lists[1]!.includes(homeSid("a")));
  });
});
