import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunAs } from "../../../runtime/runtime.ts";
import { checkAccess } from "../../../runtime/win32/accounts/access-check.ts";
import { giveWorkFolder } from "../../../runtime/win32/accounts/work-folder.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { createProcess } from "../../../runtime/win32/process/create-process.ts";
import { takenMitigations } from "../../../runtime/win32/process/mitigations.ts";
import { ACCOUNT_REQUEST, ANNA, type FakeAccounts, fakeAccounts } from "./fake-accounts.ts";

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
