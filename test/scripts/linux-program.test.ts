import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { linuxProgram } from "../../scripts/build/linux-program.ts";
import { BLOB_NAME, FUSE } from "../../scripts/build/sea.ts";

describe("the Linux program", { skip: process.platform !== "linux" && "Node is no ELF here" }, () => {
  const node = readFileSync(process.execPath);
  const blob = Buffer.from("what Node runs");
  const made = linuxProgram(node, blob);
  const segments = (bytes: Buffer): { header: Buffer; type: number; content: Buffer; memory: bigint }[] =>
    Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
      const header = bytes.subarray(64 + index * 56, 120 + index * 56);
      const [offset, size] = [8, 32].map((at) => Number(header.readBigUInt64LE(at)));
      const content = bytes.subarray(offset, offset! + size!);
      return { header, type: header.readUInt32LE(0), content, memory: header.readBigUInt64LE(40) };
    });
  const [LOAD, NOTE] = [1, 4];
  const notes = (bytes: Buffer): Buffer => segments(bytes).find(({ type }) => type === NOTE)!.content;
  const data = (bytes: Buffer) => segments(bytes).findLast(({ type }) => type === LOAD)!;

  it("has the blob in a note behind Node's own, and tells Node that it is there", () => {
    const own = notes(node);
    assert.ok(notes(made).subarray(0, own.length).equals(own));
    const added = notes(made).subarray(own.length);
    assert.deepEqual([added.readUInt32LE(0), added.readUInt32LE(4)], [BLOB_NAME.length + 1, blob.length]);
    assert.equal(added.toString("latin1", 12, 12 + BLOB_NAME.length + 1), `${BLOB_NAME}\0`);
    assert.ok(added.subarray(28).equals(Buffer.concat([blob, Buffer.alloc(2)])));
    assert.ok(node.includes(`${FUSE}:0`));
    assert.ok(made.includes(`${FUSE}:1`) && !made.includes(`${FUSE}:0`));
    assert.throws(() => linuxProgram(made, blob), /turned already/);
  });

  it("loads the notes with the last segment, whose memory is as Node expects it", () => {
    const [before, after] = [data(node), data(made)];
    assert.equal(after.memory, BigInt(after.content.length));
    const zeros = Number(before.memory) - before.content.length;
    assert.ok(after.content.subarray(before.content.length, before.content.length + zeros).every((byte) => byte === 0));
    assert.ok(after.content.subarray(-notes(made).length).equals(notes(made)));
  });

  it("changes no header but of these two, moves none, and keeps the table of sections at its sections", () => {
    const changed = segments(node).filter(({ header }, index) => !segments(made)[index]!.header.equals(header));
    assert.deepEqual(
      changed.map(({ type }) => type),
      [LOAD, NOTE],
    );
    assert.deepEqual(sectionsOf(made), sectionsOf(node));
  });
});

/** Names of the sections, which lie behind everything that is loaded. */
function sectionsOf(bytes: Buffer): string[] {
  const [table, size, count, names] = [
    Number(bytes.readBigUInt64LE(40)),
    ...[58, 60, 62].map((at) => bytes.readUInt16LE(at)),
  ] as [number, number, number, number];
  const offset = (index: number): number => Number(bytes.readBigUInt64LE(table + index * size + 24));
  return Array.from({ length: count }, (_, index) => {
    const at = offset(names) + bytes.readUInt32LE(table + index * size);
    return bytes.toString("latin1", at, bytes.indexOf(0, at));
  });
}
