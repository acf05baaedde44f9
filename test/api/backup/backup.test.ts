import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type BackupFileName, BackupNotUsable, readBackup, writeBackup } from "../../../api/backup/backup.ts";

const files = new Map<BackupFileName, Buffer>([
  ["store.db", Buffer.from("a store")],
  ["secrets.key", Buffer.from("keys")],
  ["node-name", Buffer.from("here\n")],
]);
const text = await writeBackup({ createdAt: "2026-01-31T00:00:00Z", wctlVersion: "0.1.0", files });

// biome-ignore lint/suspicious/noExplicitAny: what an enemy may write
function changed(change: (document: any) => void): string {
  const document = JSON.parse(text);
  change(document);
  return JSON.stringify(document);
}

describe("a backup", () => {
  it("is read as it was written", () => {
    const read = readBackup(text);
    assert.deepEqual(read, { createdAt: "2026-01-31T00:00:00Z", wctlVersion: "0.1.0", files });
  });

  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString("base64");
  const refused: [what: string, text: string, why: RegExp][] = [
    ["nothing", "", /damaged, cut off/],
    ["something else", "[]", /no backup of wctl/],
    ["another document", '{"kind":"List"}', /no backup of wctl/],
    [
      "one of a newer program",
      changed((it) => Object.assign(it, { version: 2 })),
      /its format is 2, this program knows 1/,
    ],
    ["one without a format", changed((it) => delete it.version), /its format is undefined/],
    ["one without files", changed((it) => Object.assign(it, { files: {} })), /its fields/],
    ["one that lacks the keys", changed((it) => it.files.splice(1, 1)), /secrets\.key is missing/],
    ["a file that is there twice", changed((it) => it.files.push(it.files[0])), /store\.db is there twice/],
    ["a changed file", changed((it) => Object.assign(it.files[0], { gzip: it.files[1].gzip })), /store\.db/],
    [
      "a changed hash",
      changed((it) => Object.assign(it.files[0], { sha256: "0".repeat(64) })),
      /not what was backed up/,
    ],
    ["no hash", changed((it) => delete it.files[0].sha256), /not what was backed up/],
    ["another size", changed((it) => Object.assign(it.files[0], { size: 3 })), /store\.db/],
    ["a size that is none", changed((it) => Object.assign(it.files[0], { size: -1 })), /its size/],
    ["a size beyond all bounds", changed((it) => Object.assign(it.files[2], { size: 2 ** 40 })), /larger than/],
    [
      "a file that unpacks to more than it says",
      changed((it) => Object.assign(it.files[2], { gzip: bomb })),
      /node-name/,
    ],
    ["content that is not packed", changed((it) => Object.assign(it.files[2], { gzip: "%%%" })), /cannot be unpacked/],
    ["no entry", changed((it) => it.files.push(null)), /no file of a backup/],
    ...[
      "../evil",
      "/etc/passwd",
      "C:\\evil",
      "pki/../../evil",
      "store.db:stream",
      "CON",
      "__proto__",
      "toString",
      "",
    ].map((name): [string, string, RegExp] => [
      `the name ${JSON.stringify(name)}`,
      changed((it) => it.files.push({ ...it.files[2], name })),
      /no file of a backup/,
    ]),
  ];
  for (const [what, given, why] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => readBackup(given),
        (error: Error) => error instanceof BackupNotUsable && why.test(error.message),
      );
    });
  }

  it("is not made when it could not be read again", async () => {
    const large = new Map([...files, ["node-name", Buffer.alloc(1025)] as const]);
    await assert.rejects(writeBackup({ createdAt: "", wctlVersion: "", files: large }), /node-name is too large/);
  });

  it("refuses one that is cut off, wherever that is", () => {
    for (let length = 0; length < text.length - 1; length += 7) {
      assert.throws(() => readBackup(text.slice(0, length)), BackupNotUsable);
    }
  });
});
