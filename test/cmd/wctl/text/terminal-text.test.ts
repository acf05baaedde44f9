import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineSplitter } from "../../../../cmd/wctl/text/line-splitter.ts";
import { TerminalText } from "../../../../cmd/wctl/text/terminal-text.ts";

const shown = (text: string, colours = true): string => {
  const filter = new TerminalText({ colours });
  return filter.push(text) + filter.cut();
};

describe("foreign text on a terminal", () => {
  const harmless: [string, string, string][] = [
    ["plain text, tabs and other scripts", "a\tb ü 日本 🙂\n", "a\tb ü 日本 🙂\n"],
    ["a title (OSC, BEL)", "a\x1b]0;owned\x07b", "ab"],
    ["a title (OSC, ST)", "a\x1b]2;owned\x1b\\b", "ab"],
    ["the clipboard (OSC 52)", "a\x1b]52;c;cm0gLXJmIC8=\x07b", "ab"],
    ["a hyperlink (OSC 8): its text stays", "\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\", "text"],
    ["a cursor report", "a\x1b[6nb", "ab"],
    ["what the terminal would answer: device attributes, status string", "a\x1b[c\x1b[>c\x1bP$qm\x1b\\b", "ab"],
    ["cursor moves and erasure", "safe\x1b[2K\x1b[1A\x1b[1;1Hx", "safex"],
    ["modes: alternate screen, bracketed paste, mouse", "\x1b[?1049h\x1b[?2004h\x1b[?1003hx", "x"],
    ["a device control string", "a\x1bP1;2|17/ab\x1b\\b", "ab"],
    ["strings of SOS, PM and APC", "a\x1bXs\x1b\\b\x1b^p\x1b\\c\x1b_G\x1b\\d", "abcd"],
    ["a reset and a character set", "a\x1bcb\x1b(0c\x1b#8d", "abcd"],
    ["C1 as one character: OSC to BEL and to ST", "a\u009d0;owned\x07b\u009d0;owned\u009cc", "abc"],
    ["C1 as one character: CSI, DCS, APC", "a\u009b2Jb\u0090q\u009cc\u009fG\u009cd", "abcd"],
    ["other C1, C0 and DEL", "a\x07\b\x0b\x0c\0\x7f\x85\x8d\u009cb\x0e", "ab"],
    ["the return that would write over what stands there", "safe\rover\r\n", "safeover\n"],
    ["what turns text around (RLO, isolates), and line separators", "a\u202eb\u2066c\u2069d\u2028e\u202c", "abcde"],
    ["the same within sequences", "a\x1b[2\u202eJb\x1b]0;\u202e\x07c", "aJbc"],
    ["marks that only say which way a letter goes", "a\u200e\u200fb\u061c", "a\u200e\u200fb\u061c"],
    ["a sequence that another breaks off", "a\x1b[12\x1b]0;t\x07b\x1b]0;t\x1b[2Jc", "abc"],
    ["a sequence that CAN or SUB breaks off", "a\x1b]0;t\x18b\x1b[12\x1ac", "abc"],
    ["controls within a sequence", "a\x1b[2\x07Jb\x1b\x07[2Jc", "abc"],
    ["what only looks like a colour", "a\x1b[>4;2mb\x1b[?4mc\x1b[1 md", "abcd"],
    ["a colour without end", `a\x1b[${"1;".repeat(200)}mb`, "ab"],
    ["a colour that never was: letters follow an unfinished one", "a\x1b[31ämb", "aämb"],
  ];
  for (const [what, text, expected] of harmless) it(what, () => assert.equal(shown(text), expected));

  const coloured: [string, string, string][] = [
    ["as it was written", "\x1b[1;31mred\x1b[0m plain\n", "\x1b[1;31mred\x1b[0m plain\n"],
    ["reset at the end of the line", "\x1b[31mred\nnext\n", "\x1b[31mred\x1b[0m\nnext\n"],
    ["not reset twice", "\x1b[31mred\x1b[m\n\x1b[32mg\x1b[0;0m\n", "\x1b[31mred\x1b[m\n\x1b[32mg\x1b[0;0m\n"],
    ["of the whole palette", "\x1b[38;5;208mo\x1b[48:2::1:2:3mb", "\x1b[38;5;208mo\x1b[48:2::1:2:3mb\x1b[0m"],
    ["in its C1 form", "\u009b31mred\n", "\x1b[31mred\x1b[0m\n"],
    ["with a control within", "\x1b[3\x071mred", "\x1b[31mred\x1b[0m"],
  ];
  for (const [what, text, expected] of coloured) it(`a colour ${what}`, () => assert.equal(shown(text), expected));

  it("a colour is left out for who wants none", () => assert.equal(shown("\x1b[31mred\x1b[0m\n", false), "red\n"));

  it("an unfinished sequence takes nothing of the next line with it", () => {
    for (const begun of ["\x1b", "\x1b[", "\x1b[31", "\x1b]0;t", "\x1b]0;t\x1b", "\x1bP", "\u009d", "\u009b1"])
      assert.equal(shown(`a${begun}\nwhole line\n`), "a\nwhole line\n", JSON.stringify(begun));
  });

  it("is the same in whatever pieces it comes", () => {
    const text = [...harmless, ...coloured].map(([, one]) => one).join("\n");
    const whole = shown(text);
    const pieces = (filter: TerminalText, size: number): string =>
      (text.match(new RegExp(`.{1,${size}}`, "gsu")) ?? []).map((piece) => filter.push(piece)).join("") + filter.cut();
    for (const size of [1, 2, 3, 7]) assert.equal(pieces(new TerminalText({ colours: true }), size), whole);
  });

  it("nothing but colours, tabs and line ends is left of any bytes", () => {
    let seed = 1;
    const next = (): number => (seed = (seed * 48271) % 2147483647);
    const alphabet = [
      "\x1b",
      "[",
      "]",
      "P",
      "\\",
      "m",
      ";",
      "3",
      "\x07",
      "\n",
      "\x18",
      "\u009b",
      "\u009c",
      "\u009d",
      "x",
    ];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 40 }, () => alphabet[next() % alphabet.length]).join("");
      const rest = shown(text).replace(/\x1b\[[\d:;]*m/g, "");
      assert.doesNotMatch(rest, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, JSON.stringify(text));
    }
  });
});

describe("lines of foreign text", () => {
  it("end their colour also where a line is too long and is cut", () => {
    const splitter = new LineSplitter(new TerminalText({ colours: true }));
    const [piece, ...none] = splitter.push(Buffer.from(`\x1b[31m${"x".repeat(70_000)}`));
    assert.deepEqual([piece?.slice(0, 6), piece?.slice(-5), none], ["\x1b[31mx", "\x1b[0m\n", []]);
    assert.deepEqual(splitter.push(Buffer.from("y\nz")), ["y\n"]);
    assert.equal(splitter.end(), "z");
  });

  it("are cut between the bytes of a character, and in a sequence", () => {
    const splitter = new LineSplitter(new TerminalText({ colours: true }));
    const bytes = Buffer.from("ä\x1b]0;ö\x07ü\n");
    const lines = [...bytes].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
    assert.deepEqual(lines, ["äü\n"]);
    assert.deepEqual(splitter.push(Uint8Array.of(0x9b, 0x32, 0x4a, 0x0a)), ["\ufffd2J\n"]); // No UTF-8: no C1.
  });
});
