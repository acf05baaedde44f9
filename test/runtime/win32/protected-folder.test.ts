import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { serviceConstants as c } from "../../../runtime/win32/ffi/service-constants.ts";
import { ensureProtectedFolder, FolderNotTrusted, PROTECTED } from "../../../runtime/win32/trust/protected-folder.ts";
import {
  ADMINISTRATORS,
  ALL,
  descriptor,
  descriptorsOf,
  FOR_CHILDREN,
  OURS,
  READ,
  STRANGER,
  USERS,
} from "./descriptors.ts";
import { FakeServiceApi } from "./service-api-fake.ts";

const DESCRIPTOR = 0x7fff_1234_5678n;
const SAFE = descriptor(ADMINISTRATORS, OURS);

/** Windows over a true tree of folders: what each may is said by the test. */
function windows(
  byPath: Record<string, Buffer> = {},
  more: ConstructorParameters<typeof FakeServiceApi>[0] = {},
): FakeServiceApi {
  const fake: FakeServiceApi = new FakeServiceApi({
    ...descriptorsOf(SAFE, () => byPath),
    ConvertStringSecurityDescriptorToSecurityDescriptorW: (_sddl: string, _revision: number, out: Buffer) => {
      out.writeBigUInt64LE(DESCRIPTOR);
      return 1;
    },
    CreateDirectoryW: (path: string) => {
      if (existsSync(path)) return fake.fails(c.ERROR_ALREADY_EXISTS);
      mkdirSync(path);
      return 1;
    },
    ConvertSidToStringSidW: (_sid: bigint, out: Buffer) => {
      out.writeBigUInt64LE(fake.text("S-1-5-18"));
      return 1;
    },
    ...more,
  });
  return fake;
}

describe("the data directory (S12), however the daemon is started", () => {
  const made: string[] = [];
  let top = "";
  let path = "";
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "wctl-protected-"));
    made.push(top);
    path = join(top, "ProgramData", "wctl");
  });
  after(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  const refusal = (fake: FakeServiceApi): string => {
    try {
      ensureProtectedFolder(fake.api, path);
    } catch (error) {
      assert.ok(error instanceof FolderNotTrusted, String(error));
      return error.message;
    }
    assert.fail("was accepted");
  };

  it("is made with its access list, in one call, and what is missing above it as well", () => {
    const fake = windows();
    ensureProtectedFolder(fake.api, path);
    assert.equal(PROTECTED, "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)");
    const texts = fake.named("ConvertStringSecurityDescriptorToSecurityDescriptorW");
    assert.deepEqual(
      texts.map(([, sddl, revision]) => [sddl, revision]),
      [
        [PROTECTED, 1],
        [PROTECTED, 1],
      ],
    );
    const folders = fake.named("CreateDirectoryW") as [string, string, Buffer][];
    assert.deepEqual(
      folders.map(([, where]) => where),
      [dirname(path), path],
    );
    for (const [, , attributes] of folders) {
      assert.equal(attributes.readUInt32LE(0), 24);
      assert.equal(attributes.readBigUInt64LE(8), DESCRIPTOR);
    }
    assert.equal(fake.named("LocalFree").filter(([, what]) => what === DESCRIPTOR).length, 2);
    assert.equal(fake.named("CloseHandle").length, fake.named("CreateFileW").length + 1, "every handle, and the token");
  });

  it("of who may not give it to the administrators is made for that account", () => {
    const me = "S-1-5-21-1-2-3-1001";
    let refused = 0;
    const fake: FakeServiceApi = windows(
      {},
      {
        CreateDirectoryW: (where: string) => {
          if (refused++ % 2 === 0) return fake.fails(c.ERROR_INVALID_OWNER);
          mkdirSync(where);
          return 1;
        },
        ConvertSidToStringSidW: (_sid: bigint, out: Buffer) => {
          out.writeBigUInt64LE(fake.text(me));
          return 1;
        },
      },
    );
    ensureProtectedFolder(fake.api, path);
    assert.equal(
      fake.named("ConvertStringSecurityDescriptorToSecurityDescriptorW").at(-1)![1],
      `D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${me})`,
    );
  });

  it("is used when it is there and safe, with all that is in it but the folders of workloads", () => {
    mkdirSync(join(path, "instances", "1", "work"), { recursive: true });
    mkdirSync(join(path, "pki"));
    writeFileSync(join(path, "pki", "ca.key"), "k");
    const ofWorkload = descriptor(STRANGER, [...OURS, { sid: STRANGER, mask: ALL }]);
    ensureProtectedFolder(windows({ [join(path, "instances", "1", "work")]: ofWorkload }).api, path);
  });

  it("holds the folder of manifests, which is judged by itself at each reading: one file of somebody else in it keeps no daemon from starting", () => {
    mkdirSync(join(path, "manifests"), { recursive: true });
    const file = join(path, "manifests", "web.yaml");
    writeFileSync(file, "");
    ensureProtectedFolder(windows({ [file]: descriptor(STRANGER, OURS) }).api, path);
    const open = descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: 0x120116 }]);
    assert.match(refusal(windows({ [join(path, "manifests")]: open })), /may write to it/);
  });

  it("is refused when another account made it, may write to it, or may only read it; the advice is to delete it, never to correct it", () => {
    mkdirSync(path, { recursive: true });
    const bad = [
      descriptor(STRANGER, OURS),
      descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: 0x120116 }]),
      descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: READ, flags: 3 }]),
      descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: ALL, flags: FOR_CHILDREN }]),
      descriptor(ADMINISTRATORS, [{ sid: STRANGER, mask: READ, type: 9, more: Buffer.from("(x))") }, ...OURS]),
      Buffer.from("rubbish"),
    ];
    for (const bytes of bad) {
      const message = refusal(windows({ [path]: bytes }));
      assert.ok(message.startsWith(`${path} is not safe: `), message);
      assert.match(message, /Delete it \(rmdir/);
      assert.doesNotMatch(message, /icacls|setowner/);
    }
  });

  it("is refused when it is safe by now but holds what another account left there: a planted authority signs administrators", () => {
    mkdirSync(join(path, "pki"), { recursive: true });
    writeFileSync(join(path, "pki", "ca.key"), "planted");
    const message = refusal(windows({ [join(path, "pki", "ca.key")]: descriptor(STRANGER, OURS) }));
    assert.ok(message.includes(`${join(path, "pki", "ca.key")}: it belongs to ${STRANGER}`), message);
  });

  it("is refused below a folder that somebody else owns or may rename, though it was made this moment", () => {
    mkdirSync(dirname(path));
    const others = descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: 0x1301bf }]);
    assert.match(refusal(windows({ [dirname(path)]: others })), /may rename or replace what is in it/);
    assert.match(refusal(windows({ [dirname(path)]: descriptor(STRANGER, OURS) })), /belongs to S-1-5-21-9-9-9-1000/);
  });

  it("is refused through a link that somebody else may turn elsewhere, or that leads below what others may rename", () => {
    mkdirSync(dirname(path));
    const others = descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: 0x1301bf }]);
    const link = join(top, "link");
    symlinkSync("ProgramData", link);
    path = join(link, "wctl");
    assert.match(refusal(windows({ [link]: descriptor(STRANGER, OURS) })), /belongs to S-1-5-21-9-9-9-1000/);
    assert.match(refusal(windows({ [join(top, "ProgramData")]: others })), /may rename or replace/);
  });

  it("is not refused for a file that goes away while it is looked at, as those of a daemon at work do", () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "draft"), "");
    const usual = descriptorsOf(SAFE, () => ({}));
    const fake: FakeServiceApi = windows(
      {},
      {
        CreateFileW: ((...args: Parameters<typeof usual.CreateFileW>) =>
          String(args[0]).endsWith("draft")
            ? fake.fails(c.ERROR_FILE_NOT_FOUND) - 1
            : usual.CreateFileW(...args)) as never,
      },
    );
    ensureProtectedFolder(fake.api, path);
  });

  it("says which call failed", () => {
    const fake: FakeServiceApi = windows({}, { CreateDirectoryW: () => fake.fails(3) });
    assert.throws(() => ensureProtectedFolder(fake.api, path), {
      name: "ServiceError",
      call: "CreateDirectoryW",
      code: 3,
    });
    const blind: FakeServiceApi = windows({}, { CreateFileW: () => blind.fails(5) - 1 });
    assert.match(refusal(blind), /its rights: access is denied/);
  });

  it("under Wine, whose lists are modes of Unix, is judged by who may write to it", () => {
    mkdirSync(path, { recursive: true });
    const readable = { [path]: descriptor(ADMINISTRATORS, [...OURS, { sid: USERS, mask: READ }]) };
    assert.match(refusal(windows(readable)), /may read it/);
    const wine = windows(readable);
    wine.isWine = true;
    ensureProtectedFolder(wine.api, path);
  });
});
