import assert from "node:assert/strict";
import { execPath } from "node:process";
import { describe, it } from "node:test";
import { cleanMappings, unmapProgram } from "../../../runtime/posix/unmap-program.ts";

const mapping = (head: string, dirty: number, anonymous = dirty): string =>
  `${head}\nSize: 8 kB\nRss: 8 kB\nPrivate_Clean: 8 kB\nPrivate_Dirty: ${dirty} kB\nAnonymous: ${anonymous} kB\n`;

describe("the program's own pages", () => {
  it("are those of the file that nobody has written to", () => {
    const smaps = [
      mapping("00400000-00402000 r--p 00000000 fe:00 1234                               /opt/my wctl", 0),
      mapping("00402000-00404000 r-xp 00002000 fe:00 1234                               /opt/my wctl", 0),
      mapping("00404000-00406000 r--p 00004000 fe:00 1234                               /opt/my wctl", 8),
      mapping("00406000-00408000 r--p 00006000 fe:00 1234                               /opt/my wctl", 0, 4),
      mapping("00408000-0040a000 rw-p 00008000 fe:00 1234                               /opt/my wctl", 0),
      mapping("7f0000000000-7f0000002000 r-xp 00000000 fe:00 99                         /lib/libc.so.6", 0),
      mapping("7f0000004000-7f0000006000 r--p 00000000 00:00 0 ", 0),
    ].join("");
    assert.deepEqual(cleanMappings(smaps, "/opt/my wctl"), [
      { from: 0x400000, length: 0x2000 },
      { from: 0x402000, length: 0x2000 },
    ]);
  });

  it("are given back, and come back when they are used", () => {
    assert.ok(unmapProgram() > 10e6, execPath);
    assert.equal(JSON.parse('{"a":[1,2]}').a[1], 2);
    assert.match("still here", /^[a-z ]+$/u);
    assert.ok(unmapProgram() > 10e6, "as often as one likes");
  });
});
