import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PROTECTED } from "../../../runtime/win32/service/folder-security.ts";
import {
  distrustOfProgramFolder,
  ensureProtectedFolder,
  FolderNotTrusted,
} from "../../../runtime/win32/service/protected-folder.ts";
import { FakeServiceApi } from "./service-api-fake.ts";

const DESCRIPTOR = 0x7fff_1234_5678n;
const path = String.raw`C:\ProgramData\wctl`;

/** Windows with this folder, or without one. */
function windows(existing?: string, createError = 183): FakeServiceApi {
  const fake: FakeServiceApi = new FakeServiceApi({
    ConvertStringSecurityDescriptorToSecurityDescriptorW: (_sddl: string, _revision: number, out: Buffer) => {
      out.writeBigUInt64LE(DESCRIPTOR);
      return 1;
    },
    CreateDirectoryW: () => (existing === undefined && createError === 183 ? 1 : fake.fails(createError)),
    GetFileSecurityW: (_path: string, _what: number, out: Buffer | null, _length: number, needed: Buffer) => {
      needed.writeUInt32LE(20);
      return out === null ? fake.fails(122) : 1;
    },
    ConvertSecurityDescriptorToStringSecurityDescriptorW: (_d: Buffer, _r: number, _i: number, out: Buffer) => {
      out.writeBigUInt64LE(fake.text(existing!));
      return 1;
    },
    ConvertSidToStringSidW: (_sid: bigint, out: Buffer) => {
      out.writeBigUInt64LE(fake.text("S-1-5-18"));
      return 1;
    },
  });
  return fake;
}

describe("the data directory of the service (S12)", () => {
  it("is made with its access list, in one call", () => {
    const fake = windows();
    ensureProtectedFolder(fake.api, path);
    const [call, sddl, revision] = fake.calls[0]!;
    assert.deepEqual([call, sddl, revision], ["ConvertStringSecurityDescriptorToSecurityDescriptorW", PROTECTED, 1]);
    assert.equal(PROTECTED, "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)");
    const [[, where, attributes]] = fake.named("CreateDirectoryW") as [[string, string, Buffer]];
    assert.equal(where, path);
    assert.equal(attributes.length, 24);
    assert.equal(attributes.readUInt32LE(0), 24);
    assert.equal(attributes.readBigUInt64LE(8), DESCRIPTOR);
    assert.deepEqual(fake.named("LocalFree"), [["LocalFree", DESCRIPTOR]]);
  });

  it("is used when it is there and safe", () => {
    ensureProtectedFolder(windows(PROTECTED).api, path);
  });

  it("is refused when somebody else owns it or may write to it, with what to do", () => {
    for (const sddl of ["O:S-1-5-21-9-9-9-1000D:P", `${PROTECTED}(A;OICI;FW;;;BU)`]) {
      const refused = (error: unknown): boolean =>
        error instanceof FolderNotTrusted &&
        error.message.startsWith(`${path} is not safe: `) &&
        /icacls/.test(error.message);
      assert.throws(() => ensureProtectedFolder(windows(sddl).api, path), refused);
    }
  });

  it("is not the program's folder: that must not be writable for the account that installs, either", () => {
    assert.equal(distrustOfProgramFolder(windows(PROTECTED).api, path), undefined);
    const mine = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";
    assert.match(distrustOfProgramFolder(windows(mine).api, path) ?? "", /S-1-5-21-1-2-3-1001 may write/);
  });

  it("says which call failed", () => {
    const fake = windows(undefined, 3);
    assert.throws(() => ensureProtectedFolder(fake.api, path), {
      name: "ServiceError",
      call: "CreateDirectoryW",
      code: 3,
    });
    assert.equal(fake.named("LocalFree").length, 1);
  });
});
