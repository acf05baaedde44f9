import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { codePages } from "../../runtime/logs/code-pages.ts";
import { encodingOf } from "../../runtime/logs/encodings.ts";
import { LogReader } from "../../runtime/logs/log-reader.ts";
import type { LogEncoding, LogPolicy } from "../../runtime/runtime.ts";
import { namedEncoding } from "../../runtime/win32/files/own-code-page.ts";
import { eventually } from "../eventually.ts";
import { theCopy } from "../runtime/logs/the-copy.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { runProgram } from "./programs.ts";
import { recordingWinapi } from "./recording-winapi.ts";
import { fixturePath, makeWin32Harness } from "./win32-harness.ts";

const logs: LogPolicy = { maxSize: 1024 * 1024, maxFiles: 1, stderr: "Merge" };

describe("the machine's own code page", () => {
  const { api } = recordingWinapi({ GetOEMCP: () => 850, GetACP: () => 932 });

  it("is named in the run's record", () => {
    assert.equal(namedEncoding(api, { ...logs, encoding: "OEM" }).logs.encoding, "ibm850");
    assert.equal(namedEncoding(api, { ...logs, encoding: "ANSI" }).logs.encoding, "shift_jis");
  });

  it("does not matter to who names another, or none", () => {
    const named: LogPolicy = { ...logs, encoding: "windows-1252" };
    assert.deepEqual(namedEncoding(api, named), { logs: named, unenforced: [] });
    assert.deepEqual(namedEncoding(api, logs), { logs, unenforced: [] });
  });

  it("that nobody here can read is told of", () => {
    const johab = recordingWinapi({ GetOEMCP: () => 1361 }).api;
    const { logs: read, unenforced } = namedEncoding(johab, { ...logs, encoding: "OEM" });
    assert.equal(read.encoding, "UTF-8");
    assert.deepEqual(
      unenforced.map(({ field }) => field),
      ["logs.encoding"],
    );
    assert.match(unenforced[0]!.reason, /1361/);
  });
});

const isPrivate = (character: string): boolean => character >= "\ue000" && character <= "\uf8ff";

const skip = isWindows ? false : "needs Windows: make test-windows";

describe("code pages", { skip }, () => {
  const upper = Buffer.from(Array.from({ length: 128 }, (_, index) => 0x80 + index));
  const numberOf = (name: string): string => name.replace(/^\D+/, "");
  const names = [
    ...Object.keys(codePages),
    "ibm866",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
  ].concat([
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
  ]) as LogEncoding[];

  it("are those of Windows", async () => {
    const { out, err } = await runProgram(process.execPath, fixturePath("prints-code-pages"), ...names.map(numberOf));
    const theirs = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as string | null);
    assert.equal(theirs.length, names.length, err);
    assert.ok(theirs.filter((text) => text !== null).length > names.length / 2, "this Windows knows most of them");
    for (const [index, name] of names.entries()) {
      const text = theirs[index];
      if (text === null || text === undefined) continue; // Not every Windows has every code page.
      const ours = encodingOf(name).decoder!(false)(upper, { stream: false });
      // Where a page has no character, Windows gives a private one or a control.
      const differ = [...ours].flatMap((character, at) =>
        character === text[at] || character === "\ufffd" || isPrivate(text[at]!)
          ? []
          : [`${name} ${(0x80 + at).toString(16)}: ${character} ${text[at]}`],
      );
      assert.deepEqual(differ, []);
    }
  });

  it("are what a workload's log is read in, after its end too", async () => {
    const harness = makeWin32Harness();
    const folder = mkdtempSync(join(tmpdir(), "wctl-code-page-"));
    const program = join(folder, "writes.mjs");
    writeFileSync(program, "process.stdout.write(Buffer.from([0x47, 0x72, 0x81, 0xe1, 0x65, 0x0d, 0x0a]));\n");
    const runtime = await harness.open();
    try {
      const written: LogPolicy = { ...logs, encoding: "ibm850" };
      await runtime.start(launchSpec({ uid: "a", command: process.execPath, args: [program], logs: written }));
      await eventually(() => !runtime.get("a")!.treeAlive, "it has ended");
      const read = async (raw: boolean): Promise<Buffer> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of new LogReader(runtime).open(theCopy, { raw }, new AbortController().signal))
          chunks.push(chunk);
        return Buffer.concat(chunks);
      };
      assert.equal((await read(false)).toString(), "Grüße\n");
      assert.equal((await read(true)).toString("latin1"), "Gr\x81\xe1e\r\n");
    } finally {
      await runtime.close();
      await harness.dispose();
      rmSync(folder, { recursive: true });
    }
  });
});
