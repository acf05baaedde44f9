import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { Language, type Node, Parser } from "web-tree-sitter";
import { powershell } from "../../cmd/wctl/verbs/completion/powershell.ts";

const project = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(project, path), "utf8");

/** Every command of others that the script uses: of Windows PowerShell 5.1, and `a..b`, which the grammar takes for one. */
const CMDLETS = new Set(
  `Add-LocalGroupMember Add-Type ConvertFrom-Json ConvertTo-Json ConvertTo-SecureString Copy-Item ForEach-Object Format-Table Get-Acl
  Get-AuthenticodeSignature Get-ChildItem Get-CimInstance Get-Command Get-Date Get-Item Get-ItemProperty Get-LocalUser Get-MpComputerStatus
  Get-Process Get-Service Get-WinEvent Join-Path Measure-Command New-Item New-LocalUser New-Object Out-Null Out-String Remove-CimInstance
  Remove-Item Remove-LocalUser Select-Object Set-StrictMode Sort-Object Split-Path Start-Process Start-Sleep Stop-Process Test-Path
  Where-Object Write-Host Write-Warning`.split(/\s+/),
);

interface Row {
  id: string;
  behaviour: string;
}

const documented = (): Row[] =>
  Array.from(read("docs/needs-real-windows.md").matchAll(/^\| (\d+[a-z]?|[A-Z]\d+) \| ([^|]+) \|/gm), (match) => ({
    id: match[1]!,
    behaviour: match[2]!.replaceAll("`", ""),
  }));

describe("windows-acceptance.ps1, for which there is no PowerShell here,", () => {
  const text = read("scripts/windows-acceptance.ps1");
  let parser: Parser;
  let root: Node;
  before(async () => {
    setFlagsFromString("--liftoff-only"); // To make the grammar's code fast costs ten times what reading one script does.
    await Parser.init();
    const wasm = createRequire(import.meta.url).resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");
    parser = new Parser();
    parser.setLanguage(await Language.load(wasm));
    root = parser.parse(text)!.rootNode;
  });
  const nodes = (type: string): Node[] => root.descendantsOfType(type).filter((node) => node !== null);
  const commands = (name: string): Node[] =>
    nodes("command").filter((node) => node.childForFieldName("command_name")?.text === name);

  it("is PowerShell", () => {
    const faults = nodes("ERROR").map(({ startPosition, text }) => `${startPosition.row + 1}: ${text.slice(0, 80)}`);
    assert.deepEqual(faults, []);
    assert.equal(root.hasError, false, "something is missing");
  });

  it("and so is what completes wctl in it, by the same grammar", () => {
    assert.equal(parser.parse(powershell)!.rootNode.hasError, false);
  });

  it("has a row for each of the document, in the same words and order, and no other", () => {
    const rows = Array.from(text.matchAll(/^Row '([^']+)' '((?:[^']|'')+)' \{$/gm), (match) => ({
      id: match[1]!,
      behaviour: match[2]!.replaceAll("''", "'"),
    }));
    assert.equal(rows.length, commands("Row").length);
    assert.ok(rows.length > 50);
    assert.deepEqual(rows, documented());
  });

  it("comes to a result in each row, and never passes what a person must look at", () => {
    const rows = commands("Row").map(({ text }) => ({ id: text.split("'")[1]!, text }));
    for (const { id, text } of rows) assert.match(text.split("\n").at(-2)!, /\b(Pass|Manual) /, `the end of row ${id}`);
    const results = new Map(
      rows.map(({ id, text }) => [id, text.match(/\b(Pass|Manual) /g)!.map((word) => word.trim())]),
    );
    for (const id of ["24a", "S4", "S5", "S14", "A5", "A20", "A21", "A23"])
      assert.ok(
        results.get(id)!.every((word) => word === "Manual"),
        id,
      );
  });

  it("calls only what it defines, or what PowerShell 5.1 brings", () => {
    const own = new Set(nodes("function_name").map(({ text }) => text));
    const called = nodes("command_name").map(({ text }) => text);
    const foreign = called.filter((name) => !own.has(name) && !CMDLETS.has(name) && !/^\d+\.\.\$?\w+$/.test(name));
    assert.deepEqual(foreign, []);
    assert.deepEqual(
      [...own].filter((name) => !called.includes(name)),
      [],
      "functions that nobody calls",
    );
  });

  it("writes no variable that a colon would make a name with a scope, and nothing beyond ASCII", () => {
    assert.deepEqual(text.match(/\$(?!env:|script:)\w+:(?!:)[^\s]*/g) ?? [], []);
    assert.deepEqual(text.match(/"[^"\n]*\$\w+: [^"\n]*"/g) ?? [], []);
    // Windows PowerShell reads a file without a byte order mark in the machine's code page.
    assert.match(text, /^[\x09\x0a\x20-\x7e]+$/);
  });

  it("assigns to none of PowerShell's own variables", () => {
    const own = /^\$(args|error|event|home|host|input|matches|pid|profile|sender|this|true|false|null)$/i;
    const assigned = nodes("left_assignment_expression").map(({ text }) => text);
    assert.ok(assigned.length > 100);
    assert.deepEqual(
      assigned.filter((name) => own.test(name)),
      [],
    );
  });
});
