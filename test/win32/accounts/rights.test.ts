import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IntegrityLevel, Mitigation } from "../../../runtime/runtime.ts";
import { checkAccess } from "../../../runtime/win32/accounts/access-check.ts";
import { homeSid } from "../../../runtime/win32/accounts/process-account.ts";
import { restrictToken } from "../../../runtime/win32/accounts/restrict-token.ts";
import {
  allowTraversal,
  giveWorkFolder,
  parentFolderSddl,
  workFolderSddl,
} from "../../../runtime/win32/accounts/work-folder.ts";
import { constants } from "../../../runtime/win32/ffi/constants.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { mitigationAttributes, takenMitigations } from "../../../runtime/win32/process/mitigations.ts";
import { decodeSid } from "../../../runtime/win32/security/sid.ts";
import { Token } from "../../../runtime/win32/security/token.ts";
import { luidOf, type Recording, recordingWinapi } from "../recording-winapi.ts";

const USER = "S-1-5-21-1-2-3-1001";
const LOGON = "S-1-5-5-0-77";
const PRIVILEGES = ["SeChangeNotifyPrivilege", "SeImpersonatePrivilege", "SeShutdownPrivilege"];

function recordingOfUser(): { recording: Recording; token: Token } {
  const groups = [
    { sid: "S-1-5-32-545", attributes: 7 },
    { sid: LOGON, attributes: (c.SE_GROUP_LOGON_ID | 7) >>> 0 },
  ];
  const recording = recordingWinapi({}, { own: { user: USER, groups, privileges: PRIVILEGES } });
  return { recording, token: Token.ofProcess(recording.api) };
}

/** SIDs of a list of SID_AND_ATTRIBUTES. */
const sidsIn = (recording: Recording, count: unknown, list: unknown): string[] =>
  Array.from({ length: count as number }, (_, index) =>
    decodeSid(recording.at((list as Buffer).readBigUInt64LE(index * 16), 68)),
  );

const luidsIn = (list: unknown): bigint[] =>
  list === null
    ? []
    : Array.from({ length: (list as Buffer).length / 12 }, (_, index) => (list as Buffer).readBigUInt64LE(index * 12));

describe("a restricted token", () => {
  const cases: [what: string, asked: Parameters<typeof restrictToken>[2], flags: number, removed: string[]][] = [
    ["loses every privilege when nothing else is said", {}, c.DISABLE_MAX_PRIVILEGE, []],
    [
      "keeps what is named, and walking through folders",
      { keepPrivileges: ["SeShutdownPrivilege"] },
      0,
      ["SeImpersonatePrivilege"],
    ],
    [
      "keeps nothing of an empty list but walking through folders",
      { keepPrivileges: [] },
      0,
      ["SeImpersonatePrivilege", "SeShutdownPrivilege"],
    ],
    [
      "loses what is named, if it has it",
      { removePrivileges: ["SeShutdownPrivilege", "SeTcbPrivilege"] },
      0,
      ["SeShutdownPrivilege"],
    ],
    ["keeps all when an empty list is to be removed", { removePrivileges: [] }, 0, []],
    ["is write-restricted beside that", { writeRestricted: true }, c.DISABLE_MAX_PRIVILEGE | c.WRITE_RESTRICTED, []],
  ];
  for (const [what, asked, flags, removed] of cases) {
    it(what, () => {
      const { recording, token } = recordingOfUser();
      const restricted = restrictToken(recording.api, token, asked, "uid-1");
      const [from, given, , , count, list] = recording.of("CreateRestrictedToken")[0]!;
      assert.deepEqual([from, given, count], [token.handle, flags, removed.length]);
      assert.deepEqual(luidsIn(list), removed.map(luidOf));
      restricted.close();
      token.close();
      assert.deepEqual(recording.open(), []);
    });
  }

  it("write-restricted can write where Everyone, its logon, or WRITE RESTRICTED may, and its own threads and events", () => {
    const { recording, token } = recordingOfUser();
    restrictToken(recording.api, token, { writeRestricted: true }, "uid-1");
    const [, , , , , , count, list] = recording.of("CreateRestrictedToken")[0]!;
    const own = homeSid("uid-1");
    assert.deepEqual(sidsIn(recording, count, list), ["S-1-1-0", "S-1-5-33", own, LOGON]);
    const [sddl] = recording.of("ConvertStringSecurityDescriptorToSecurityDescriptorW")[0]!;
    assert.equal(sddl, `D:(A;;GA;;;SY)(A;;GA;;;${USER})(A;;GA;;;${own})(A;;GA;;;${LOGON})`);
    assert.equal(recording.of("SetTokenInformation")[0]![1], c.TokenDefaultDacl);
  });

  it("has groups that can only deny", () => {
    const { recording, token } = recordingOfUser();
    restrictToken(recording.api, token, { denyOnlyGroups: ["S-1-5-32-544", "S-1-5-32-545"] }, "uid-1");
    const [, , count, list] = recording.of("CreateRestrictedToken")[0]!;
    assert.deepEqual(sidsIn(recording, count, list), ["S-1-5-32-544", "S-1-5-32-545"]);
  });

  const levels: [IntegrityLevel, string][] = [
    ["Low", "S-1-16-4096"],
    ["Medium", "S-1-16-8192"],
    ["High", "S-1-16-12288"],
  ];
  for (const [integrityLevel, sid] of levels) {
    it(`of integrity ${integrityLevel} is labelled ${sid}`, () => {
      const { recording, token } = recordingOfUser();
      const restricted = restrictToken(recording.api, token, { integrityLevel }, "uid-1");
      const [handle, infoClass, info, length] = recording.of("SetTokenInformation")[0]! as [
        number,
        number,
        Buffer,
        number,
      ];
      assert.deepEqual([handle, infoClass], [restricted.handle, c.TokenIntegrityLevel]);
      assert.equal(info.readUInt32LE(8), c.SE_GROUP_INTEGRITY);
      assert.equal(decodeSid(recording.at(info.readBigUInt64LE(0), 12)), sid);
      assert.equal(length, 16 + 12, "the label and its SID");
    });
  }
});

describe("mitigations", () => {
  const bits: [Mitigation, bigint][] = [
    ["StrictHandles", 1n << 24n],
    ["NoWin32k", 1n << 28n],
    ["NoExtensionPoints", 1n << 32n],
    ["NoDynamicCode", 1n << 36n],
    ["ControlFlowGuard", 1n << 40n],
    ["MicrosoftSignedOnly", 1n << 44n],
    ["NoRemoteImages", 1n << 52n],
    ["NoLowLabelImages", 1n << 56n],
    ["PreferSystem32Images", 1n << 60n],
  ];
  for (const [name, bit] of bits) {
    it(`${name} is one bit of the policy`, () => {
      const { attribute, value } = mitigationAttributes([name])[0]!;
      assert.deepEqual([attribute, value.length, value.readBigUInt64LE(0)], [0x20007, 8, bit]);
    });
  }

  it("NoChildProcess is an attribute of its own, and all others go together", () => {
    const attributes = mitigationAttributes(["NoChildProcess", "NoWin32k", "StrictHandles"]);
    assert.deepEqual(
      attributes.map(({ attribute, value }) => [attribute, value.toString("hex")]),
      [
        [0x20007, "0000001100000000"],
        [0x2000e, "01000000"],
      ],
    );
    assert.deepEqual(mitigationAttributes([]), []);
  });

  it("that this Windows refuses are told, and the others taken", () => {
    const { api, open } = recordingWinapi({
      UpdateProcThreadAttribute: (_list: Buffer, _flags: number, attribute: number) => (attribute === 0x20007 ? 0 : 1),
      GetLastError: () => constants.ERROR_NOT_SUPPORTED,
    });
    const { attributes, unenforced } = takenMitigations(api, ["NoDynamicCode", "NoChildProcess"]);
    assert.deepEqual(
      attributes.map(({ attribute }) => attribute),
      [0x2000e],
    );
    assert.deepEqual(unenforced, [
      { field: "runAs.mitigations", reason: "this Windows refuses NoDynamicCode: ERROR_NOT_SUPPORTED (50)" },
    ]);
    assert.deepEqual(open(), []);
  });
});

describe("before a start it is asked, as the account,", () => {
  const check = (answers: Parameters<typeof recordingWinapi>[0]): Recording => {
    const recording = recordingWinapi(answers);
    checkAccess(recording.api, new Token(recording.api, 60), "CORP\\anna", "C:\\apps\\web\\web.exe", "D:\\data");
    return recording;
  };
  const denies = (path: string) => {
    let asked = "";
    return {
      GetFileSecurityW: (name: string, _what: number, _out: Buffer, _length: number, needed: Buffer) => {
        asked = name;
        needed.writeUInt32LE(20);
        return 1;
      },
      AccessCheck: (...args: unknown[]) => {
        (args[7] as Buffer).writeUInt32LE(asked === path ? 0 : 1);
        return 1;
      },
    };
  };

  it("whether it may execute the program and enter the folder, with a token for that alone", () => {
    const recording = check({});
    assert.deepEqual(recording.of("DuplicateTokenEx")[0]!.slice(3, 5), [c.SecurityImpersonation, c.TokenImpersonation]);
    assert.deepEqual(
      recording.of("AccessCheck").map((args) => args[2]),
      [c.FILE_READ_DATA | c.FILE_EXECUTE, c.FILE_TRAVERSE],
    );
    assert.deepEqual(
      recording.of("GetFileSecurityW").map(([path]) => path),
      ["C:\\apps\\web\\web.exe", "D:\\data"],
    );
    assert.deepEqual(recording.open(), []);
  });

  it("of an access list of any length", () => {
    const length = 40_000;
    const recording = check({
      GetFileSecurityW: (_path: string, _what: number, _out: Buffer, room: number, needed: Buffer) => {
        needed.writeUInt32LE(length);
        return room < length ? 0 : 1;
      },
    });
    assert.deepEqual(
      recording.of("AccessCheck").map(([descriptor]) => (descriptor as Buffer).length),
      [length, length],
    );
  });

  it("and what is missing is named with the command that grants it", () => {
    assert.throws(() => check(denies("C:\\apps\\web\\web.exe")), {
      name: "StartError",
      reason: "AccessDenied",
      message:
        'CORP\\anna may not read and execute C:\\apps\\web\\web.exe; to grant it: icacls "C:\\apps\\web" /grant "CORP\\anna:(OI)(CI)(RX)"',
    });
    assert.throws(() => check(denies("D:\\data")), {
      reason: "AccessDenied",
      message:
        'CORP\\anna may not enter the working directory D:\\data; to grant it: icacls "D:\\data" /grant "CORP\\anna:(OI)(CI)(RX)"',
    });
  });

  it("and nothing is refused where the system can't tell", () => {
    check({ AccessCheck: () => 0 });
    check({ GetFileSecurityW: () => 0 });
  });
});

describe("the folder of an instance", () => {
  const user = { sid: USER, home: "uid-1", writeRestricted: false, isLow: false };

  it("is SYSTEM's and Administrators', and its account's to work in, but not to remove or to give away", () => {
    assert.equal(
      workFolderSddl(user),
      `D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x1201bf;;;${USER})(A;OICIIO;0x1301bf;;;${USER})`,
    );
  });

  it("is open to a write-restricted program, and to one of low integrity", () => {
    const sddl = workFolderSddl({ ...user, writeRestricted: true, isLow: true });
    const own = homeSid("uid-1");
    assert.ok(sddl.endsWith(`(A;;0x1201bf;;;${own})(A;OICIIO;0x1301bf;;;${own})S:(ML;OICI;NW;;;LW)`), sddl);
  });

  it("is given through a handle that follows no link", () => {
    const recording = recordingWinapi();
    giveWorkFolder(recording.api, "C:\\d\\work", user);
    const [path, access, , , disposition, flags] = recording.of("CreateFileW")[0]!;
    assert.deepEqual([path, access, disposition], ["C:\\d\\work", 0x60080, constants.OPEN_EXISTING]);
    assert.equal(flags, constants.FILE_FLAG_BACKUP_SEMANTICS | constants.FILE_FLAG_OPEN_REPARSE_POINT);
    assert.equal(recording.of("SetKernelObjectSecurity")[0]![1], 0x80000004);
    assert.deepEqual(recording.open(), []);
    recording.calls.length = 0;
    giveWorkFolder(recording.api, "C:\\d\\work", { ...user, isLow: true });
    assert.equal(recording.of("CreateFileW")[0]![1], 0xe0080);
    assert.equal(recording.of("SetKernelObjectSecurity")[0]![1], 0x80000014);
  });

  it("lies below folders that everybody may look at, and nobody else may list, read or write; nothing is inherited from that", () => {
    const recording = recordingWinapi();
    allowTraversal(recording.api, ["C:\\d\\instances", "C:\\d\\instances\\uid-1"], "S-1-5-18");
    assert.deepEqual(
      recording.of("CreateFileW").map(([path]) => path),
      ["C:\\d\\instances", "C:\\d\\instances\\uid-1"],
    );
    const lists = recording.of("ConvertStringSecurityDescriptorToSecurityDescriptorW").map(([sddl]) => sddl);
    const list = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x100080;;;WD)";
    assert.deepEqual(lists, [list, list]);
    assert.equal(c.FILE_READ_ATTRIBUTES | constants.SYNCHRONIZE, 0x100080);
    assert.deepEqual(recording.open(), []);
    assert.match(parentFolderSddl(USER), new RegExp(`\\(A;OICI;FA;;;${USER}\\)\\(A;;0x100080;;;WD\\)$`));
  });

  it("is not given when a workload has made it into a junction", () => {
    const recording = recordingWinapi({
      GetFileInformationByHandleEx: (_folder: number, _class: number, out: Buffer) => {
        out.writeUInt32LE(c.FILE_ATTRIBUTE_REPARSE_POINT | 0x10);
        return 1;
      },
    });
    assert.throws(() => giveWorkFolder(recording.api, "C:\\d\\work", user), {
      reason: "AccessDenied",
      message: /link/,
    });
    assert.deepEqual(recording.of("SetKernelObjectSecurity"), []);
    assert.deepEqual(recording.open(), []);
  });
});
