import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { commandLine, quoteArgument } from "../../runtime/win32/process/command-line.ts";
import { nastyArguments, windowsText } from "./arguments.ts";

/** The rules of `CommandLineToArgvW` and the C runtime, written from Microsoft's page, not from our quoting. */
function parse(line: string): string[] {
  const found: string[] = [];
  const first = /^"([^"]*)"|^[^ \t]*/.exec(line)!;
  found.push(first[1] ?? first[0]);
  let current: string | undefined;
  let quoted = false;
  for (let at = first[0].length; at < line.length; ) {
    const char = line[at]!;
    if (!quoted && (char === " " || char === "\t")) {
      if (current !== undefined) found.push(current);
      current = undefined;
      at++;
      continue;
    }
    current ??= "";
    const slashes = /^\\*/.exec(line.slice(at))![0].length;
    const next = line[at + slashes];
    if (slashes > 0) {
      current += "\\".repeat(next === '"' ? slashes >> 1 : slashes);
      at += slashes;
      if (next === '"' && slashes % 2 === 1) {
        current += '"';
        at++;
      }
    } else if (char === '"') {
      if (quoted && line[at + 1] === '"') {
        current += '"';
        at++;
      } else quoted = !quoted;
      at++;
    } else {
      current += char;
      at++;
    }
  }
  if (current !== undefined) found.push(current);
  return found;
}

describe("a command line", () => {
  const cases: [argument: string, quoted: string][] = [
    ["plain", "plain"],
    ["", '""'],
    ["a b", '"a b"'],
    ["a\tb", '"a\tb"'],
    ['a"b', '"a\\"b"'],
    ['a\\"b', '"a\\\\\\"b"'],
    ["a\\b", "a\\b"],
    ["a b\\", '"a b\\\\"'],
    ["a\\", "a\\"],
    ["C:\\Program Files\\", '"C:\\Program Files\\\\"'],
    ["%PATH%", "%PATH%"],
    ["a&b|c>d", "a&b|c>d"],
  ];
  for (const [argument, quoted] of cases) {
    it(`says ${JSON.stringify(argument)} as ${quoted}`, () => assert.equal(quoteArgument(argument), quoted));
  }

  it("is read back as it was meant, whatever the arguments", () => {
    assert.deepEqual(parse(commandLine("C:\\a b\\p.exe", nastyArguments)), ["C:\\a b\\p.exe", ...nastyArguments]);
    fc.assert(
      fc.property(fc.array(windowsText, { maxLength: 12 }), (args) => {
        assert.deepEqual(parse(commandLine("p.exe", args)), ["p.exe", ...args]);
      }),
      { numRuns: 10_000 },
    );
  });
});
