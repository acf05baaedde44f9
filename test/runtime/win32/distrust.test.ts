import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Place } from "../../../lib/path-trust.ts";
import { readDescriptor } from "../../../runtime/win32/security/security-descriptor.ts";
import { distrustOf, type Purpose } from "../../../runtime/win32/trust/distrust.ts";
import { randomFrom } from "../../random.ts";
import {
  ADMINISTRATORS,
  ALL,
  descriptor,
  type Entry,
  EVERYONE,
  FOR_CHILDREN,
  ME,
  OURS,
  PASSED_ON,
  READ,
  STRANGER,
  SYSTEM,
  USERS,
} from "./descriptors.ts";

const judged = (
  bytes: Buffer,
  purpose: Purpose = "inputs",
  place: Place = "itself",
  isRoot = false,
): string | undefined => distrustOf({ descriptor: readDescriptor(bytes), self: ME, place, purpose, isRoot });
const ours = (...more: Entry[]): Buffer => descriptor(ADMINISTRATORS, [...OURS, ...more]);

const CREATOR_OWNER = "S-1-3-0";
const OWNER_RIGHTS = "S-1-3-4";
const TRUSTED_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
const AUTHENTICATED = "S-1-5-11";

describe("what says what the daemon does (manifests, configuration, program)", () => {
  const trusted: [why: string, bytes: Buffer][] = [
    ["is as we make it", ours()],
    ["belongs to SYSTEM", descriptor(SYSTEM, OURS)],
    ["belongs to TrustedInstaller", descriptor(TRUSTED_INSTALLER, OURS)],
    ["belongs to the account of this process", descriptor(ME, [...OURS, { sid: ME, mask: ALL, flags: PASSED_ON }])],
    ["lets users read", ours({ sid: USERS, mask: READ, flags: PASSED_ON }, { sid: EVERYONE, mask: 0x80000000 })],
    ["gives creators what they create", ours({ sid: CREATOR_OWNER, mask: ALL, flags: FOR_CHILDREN })],
    ["says what its owner may", ours({ sid: OWNER_RIGHTS, mask: ALL })],
    ["denies somebody everything", ours({ sid: USERS, mask: ALL, type: 1 })],
    ["lets nobody do anything", descriptor(ADMINISTRATORS, [])],
  ];
  for (const [why, bytes] of trusted) {
    it(`is trusted when it ${why}`, () => assert.equal(judged(bytes), undefined));
  }

  const distrusted: [why: string, bytes: Buffer, says: RegExp][] = [
    ["belongs to a user", descriptor(STRANGER, OURS), /belongs to S-1-5-21-9-9-9-1000/],
    ["belongs to nobody", descriptor(undefined, OURS), /belongs to nobody/],
    ["has no access list: all may do all", descriptor(ADMINISTRATORS, null), /everybody has all rights/],
    ["lets users write", ours({ sid: USERS, mask: 0x120116 }), /Users \(S-1-5-32-545\) may write/],
    [
      "lets users change it, as C:\\manifests",
      ours({ sid: AUTHENTICATED, mask: 0x1301bf }),
      /Authenticated Users .* write/,
    ],
    ["lets users add files", ours({ sid: USERS, mask: 0x2, flags: PASSED_ON }), /may write/],
    ["lets users add folders, as %ProgramData% does", ours({ sid: USERS, mask: 0x4 }), /may write/],
    ["lets everyone do everything", ours({ sid: EVERYONE, mask: 0x10000000 }), /Everyone .* may write/],
    ["lets users write, in generic words", ours({ sid: USERS, mask: 0x40000000 }), /may write/],
    ["lets users take it over", ours({ sid: USERS, mask: 0x80000 }), /may write/],
    ["lets users change its rights", ours({ sid: USERS, mask: 0x40000 }), /may write/],
    ["lets creators own what is there", ours({ sid: CREATOR_OWNER, mask: ALL }), /may write/],
    ["lets users write to what will be in it", ours({ sid: USERS, mask: ALL, flags: FOR_CHILDREN }), /may write/],
  ];
  for (const [why, bytes, says] of distrusted) {
    it(`is not trusted when it ${why}`, () => assert.match(judged(bytes) ?? "", says));
  }

  it("is not trusted when a condition hides what follows it, whomever it names and whatever it gives", () => {
    const condition = Buffer.from("61727478(Member_of {BU}))", "latin1");
    for (const type of [5, 9, 0xb, 4, 0x11, 0xff]) {
      for (const sid of [STRANGER, ADMINISTRATORS]) {
        const bytes = ours({ sid, mask: READ, type, more: condition }, { sid: STRANGER, mask: ALL });
        assert.match(judged(bytes) ?? "", /can't be judged \(type \d+/, `type ${type}`);
      }
    }
  });

  it("is a descriptor or a RangeError, whatever bytes there are", () => {
    const whole = ours({ sid: USERS, mask: READ });
    const next = randomFrom(20_260_901);
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(whole.subarray(0, Math.floor(next() * (whole.length + 1))));
      for (let flips = 0; flips < 3 && bytes.length > 0; flips++)
        bytes[Math.floor(next() * bytes.length)]! ^= 1 << Math.floor(next() * 8);
      try {
        judged(bytes);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }
  });
});

describe("what holds keys and secrets (the data directory)", () => {
  it("is open to the system, administrators and this account alone: who may only read is refused too", () => {
    assert.equal(judged(ours({ sid: ME, mask: ALL }), "secrets"), undefined);
    for (const mask of [READ, 0x80000000, 0x1, 0x20]) {
      assert.match(judged(ours({ sid: USERS, mask, flags: PASSED_ON }), "secrets") ?? "", /Users .* may read it/);
    }
  });
});

describe("a folder above", () => {
  it("may let everybody add names, as C:\\ and %ProgramData% do", () => {
    const programData = ours(
      { sid: USERS, mask: 0x116 },
      { sid: USERS, mask: READ },
      { sid: USERS, mask: ALL, flags: FOR_CHILDREN },
    );
    assert.equal(judged(programData, "secrets", "above"), undefined);
    const drive = ours(
      { sid: AUTHENTICATED, mask: 0x1301bf },
      { sid: AUTHENTICATED, mask: 0x1301bf, flags: FOR_CHILDREN },
    );
    assert.equal(judged(drive, "inputs", "above", true), undefined);
  });

  it("must not let others rename it, or what is in it", () => {
    assert.match(judged(descriptor(STRANGER, OURS), "inputs", "above") ?? "", /belongs to/);
    for (const mask of [0x40, 0x10000, 0x40000, 0x80000, 0x10000000]) {
      assert.match(judged(ours({ sid: USERS, mask }), "inputs", "above") ?? "", /may rename or replace what is in it/);
    }
    assert.match(judged(ours({ sid: USERS, mask: 0x40 }), "inputs", "above", true) ?? "", /may rename/);
  });
});
