import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forgetProcessAccounts, grantServiceLogon } from "../../../runtime/win32/accounts/grant-logon.ts";
import { processAccount } from "../../../runtime/win32/accounts/process-account.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { decodeSid, encodeSid } from "../../../runtime/win32/security/sid.ts";
import { recordingWinapi } from "../recording-winapi.ts";
import { ANNA, KNOWN } from "./fake-accounts.ts";

const opens = {
  LsaOpenPolicy: (_system: null, _attributes: Buffer, _access: number, out: Buffer) => {
    out.writeBigUInt64LE(0x77n);
    return 0;
  },
};

describe("the right to log on as a service", () => {
  it("is given to the account in the policy of this machine", async () => {
    const recording = recordingWinapi({ ...opens, LsaAddAccountRights: () => 0 }, {}, KNOWN);
    assert.equal(await grantServiceLogon(recording.api, "CORP\\anna"), "CORP\\anna");
    const [, attributes, access] = recording.of("LsaOpenPolicy")[0]!;
    assert.deepEqual(
      [(attributes as Buffer).readUInt32LE(0), access],
      [48, c.POLICY_CREATE_ACCOUNT | c.POLICY_LOOKUP_NAMES],
    );
    const [policy, sid, rights, count] = recording.of("LsaAddAccountRights")[0]! as [number, Buffer, Buffer, number];
    assert.deepEqual([policy, decodeSid(sid), count], [0x77, ANNA, 1]);
    const [length, room] = [rights.readUInt16LE(0), rights.readUInt16LE(2)];
    assert.equal(room, length + 2);
    assert.equal(recording.at(rights.readBigUInt64LE(8), length).toString("utf16le"), "SeServiceLogonRight");
    assert.deepEqual(recording.of("LsaClose"), [[0x77]]);
  });

  it("is not given by whoever is no administrator, and the policy is closed", async () => {
    const denied = { LsaAddAccountRights: () => 0xc0000022 | 0, LsaNtStatusToWinError: () => 5 };
    const recording = recordingWinapi({ ...opens, ...denied }, {}, KNOWN);
    await assert.rejects(grantServiceLogon(recording.api, "CORP\\anna"), { call: "LsaAddAccountRights", code: 5 });
    assert.equal(recording.of("LsaClose").length, 1);
  });

  it("is not given to nobody", async () => {
    const recording = recordingWinapi({ ...opens, GetLastError: () => 1332 }, {}, KNOWN);
    await assert.rejects(grantServiceLogon(recording.api, "nobody"), { code: 1332 });
    assert.deepEqual(recording.of("LsaOpenPolicy"), []);
  });
});

describe("uninstall --purge", () => {
  it("takes the right from the accounts of Processes that are left, and from nobody else", () => {
    const own = processAccount("web-uid").sid;
    const memory = new Map(
      [ANNA, own, "S-1-5-80-0"].map((sid, index) => [BigInt(0x5000 + index * 0x100), encodeSid(sid)]),
    );
    const pointers = Buffer.concat([...memory.keys()].map((address) => pointer(address)));
    const recording = recordingWinapi({
      ...opens,
      LsaEnumerateAccountsWithUserRight: (_policy: number, _right: Buffer, out: Buffer, count: Buffer) => {
        out.writeBigUInt64LE(0x4000n);
        count.writeUInt32LE(memory.size);
        return 0;
      },
      ReadProcessMemory: (_process: number, address: bigint, out: Buffer) => {
        const from = address === 0x4000n ? pointers : memory.get(address)!;
        assert.ok(out.length <= from.length, "no byte more than there is");
        from.copy(out);
        return 1;
      },
    });
    forgetProcessAccounts(recording.api);
    assert.deepEqual(
      recording.of("LsaRemoveAccountRights").map(([, sid]) => decodeSid(sid as Buffer)),
      [own],
    );
    assert.deepEqual(recording.of("LsaFreeMemory"), [[0x4000n]]);
    assert.equal(recording.of("LsaClose").length, recording.of("LsaOpenPolicy").length);
  });
});

function pointer(address: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(address);
  return buffer;
}
