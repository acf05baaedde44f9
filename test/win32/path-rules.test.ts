import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { windowsNameProblem } from "../../lib/windows-name.ts";
import { extended, formOf, isBatchFile, refusal } from "../../runtime/win32/files/path-rules.ts";
import { resolveImage, searchPath } from "../../runtime/win32/process/image.ts";

describe("a path on Windows", () => {
  const forms: [path: string, form: string][] = [
    ["C:\\a\\b.exe", "absolute"],
    ["c:/a/b.exe", "absolute"],
    ["node.exe", "name"],
    ["a\\b.exe", "relative"],
    ["..\\b.exe", "relative"],
    ["C:b.exe", "drive-relative"],
    ["C:", "drive-relative"],
    ["\\b.exe", "root-relative"],
    ["/b.exe", "root-relative"],
    ["\\\\server\\share\\b.exe", "unc"],
    ["//server/share/b.exe", "unc"],
    ["\\\\?\\C:\\b.exe", "device"],
    ["\\\\.\\COM1", "device"],
    ["//?/UNC/server/share", "device"],
    ["\\??\\C:\\b.exe", "device"],
  ];
  for (const [path, form] of forms) {
    it(`${path} is ${form}`, () => {
      assert.equal(formOf(path), form);
      assert.equal(refusal(path) === undefined, form === "absolute");
    });
  }

  const bad = [
    "NUL",
    "nul.txt",
    "Con",
    "con .x",
    "com1",
    "COM1.log",
    "lpt9.a.b",
    "aux",
    "prn ",
    "conin$",
    "CONOUT$.txt",
    "com¹",
    "a.",
    "a ",
    "a. .",
    "a:b",
    "a.exe::$DATA",
    "a?",
    "a*",
    "a<b",
    'a"b',
    "a|b",
    "a\u0001b",
  ]; // prettier-ignore
  for (const name of bad) {
    it(`refuses a part named ${JSON.stringify(name)}`, () => {
      assert.notEqual(windowsNameProblem(name), undefined);
      assert.notEqual(refusal(`C:\\x\\${name}`), undefined);
      assert.notEqual(refusal(`C:\\${name}\\x.exe`), undefined);
    });
  }

  for (const name of ["console", "com10", "nulls.txt", "auxiliary.exe", "a.b.c", ".hidden", "ü 1", "lpt"]) {
    it(`takes a part named ${JSON.stringify(name)}`, () => assert.equal(refusal(`C:\\x\\${name}`), undefined));
  }

  it("gets the long prefix where it is needed, and only there", () => {
    assert.equal(extended("C:\\a"), "C:\\a");
    assert.equal(extended(`C:/${"a".repeat(300)}`), `\\\\?\\C:\\${"a".repeat(300)}`);
  });
});

describe("a batch file", () => {
  const endings = ["bat", "cmd", "BAT", "Cmd", "bAt", "CMD"];
  const tails = ["", ".", "..", " ", ". ", " .", "...  .", "::$DATA", "::$data", ":$DATA"];
  const folders = ["", "C:\\x\\", "c:/x/", "x\\", "..\\", "\\\\server\\x\\", "\\\\?\\C:\\x\\"];
  const spellings = folders.flatMap((folder) =>
    endings.flatMap((ending) => tails.map((tail) => `${folder}run.${ending}${tail}`)),
  );

  it(`is refused in ${spellings.length} spellings, and the answer says what to do instead`, () => {
    assert.ok(spellings.length >= 200);
    for (const spelling of spellings) {
      assert.ok(isBatchFile(spelling), spelling);
      assert.throws(
        () => resolveImage(spelling, []),
        { reason: "ScriptRefused", message: /cmd\.exe.*\/d \/s \/c/ },
        spelling,
      );
    }
  });

  it("is told from other files", () => {
    for (const name of ["C:\\bat.exe", "C:\\x.bat\\run.exe", "cmd.exe", "combat", "x.batch", "cmd"]) {
      assert.ok(!isBatchFile(name), name);
    }
  });

  it("never comes through by its name, whatever is around it", () => {
    const noise = fc.string({ unit: fc.constantFrom(".", " ", ":", "$", "D"), maxLength: 6 });
    fc.assert(
      fc.property(noise, fc.constantFrom(...endings), (tail, ending) => {
        const path = `C:\\x\\run.${ending}${tail}`;
        // What Windows would open: without trailing dots and blanks, and without the name of a stream.
        const opened = path
          .slice(3)
          .replace(/:.*$/, "")
          .replace(/[. ]+$/, "");
        if (/\.(bat|cmd)$/i.test(opened)) assert.ok(isBatchFile(path) || refusal(path) !== undefined, path);
      }),
    );
  });
});

describe("the search path", () => {
  it("is the system's own folders, and nobody else's", () => {
    assert.deepEqual(searchPath("C:\\Windows"), [
      "C:\\Windows\\System32",
      "C:\\Windows",
      "C:\\Windows\\System32\\Wbem",
      "C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
    ]);
  });
});
