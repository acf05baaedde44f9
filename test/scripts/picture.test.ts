import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cuesOf, type Entry } from "../../scripts/picture/recording.ts";
import { svgOf } from "../../scripts/picture/svg.ts";

const screen = { columns: 20, rows: 3 };
const entries: Entry[] = [
  { kind: "comment", text: "look" },
  { kind: "command", text: "wctl get x" },
  { kind: "output", text: "NAME   AGE\nx      1s\n", afterMs: 150 },
  { kind: "output", text: "later", afterMs: 2_150 },
  { kind: "command", text: "wctl why x" },
  { kind: "output", text: 'a <b> & "c" \u001b[31m'.padEnd(25, "z"), afterMs: 10 },
];

/** Throws where an XML parser would: tags that do not close in order, attributes without quotes, bare `<` and `&`, control characters. */
function parseXml(text: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const tag = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)\s*(\/?)>/y;
  const data = /(?:[^<&\p{Cc}]|[\n\t]|&(?:amp|lt|gt|quot);)+/uy;
  for (let at = 0; at < text.length; ) {
    tag.lastIndex = data.lastIndex = at;
    const found = tag.exec(text);
    if (found) {
      const [, closes, name = "", attributes = "", isEmpty] = found;
      const keys = Array.from(attributes.matchAll(/([\w:-]+)="/g), ([, key]) => key);
      assert.equal(new Set(keys).size, keys.length, `an attribute twice: ${found[0]}`);
      if (closes) assert.equal(open.pop(), name);
      else names.push(name);
      if (!closes && !isEmpty) open.push(name);
      at = tag.lastIndex;
    } else {
      assert.ok(data.test(text), `not XML: ${text.slice(at, at + 60)}`);
      at = data.lastIndex;
    }
  }
  assert.deepEqual(open, []);
  return names;
}

describe("a recording", () => {
  const cues = cuesOf(entries, screen);

  it("keeps the time that a program took, and lets a command be typed first", () => {
    const [comment, get, table, later] = cues;
    assert.ok(get!.at > comment!.at);
    assert.ok(get!.typingMs > 0);
    assert.equal(table!.at, get!.at + get!.typingMs + 150);
    assert.equal(later!.at, table!.at + 2_000);
  });

  it("gives time to read before the next command, and not for ever", () => {
    const pauseAfter = (lines: number): number => {
      const text = Array.from({ length: lines }, () => "x").join("\n");
      const [output, next] = cuesOf([{ kind: "output", text, afterMs: 0 }, entries[1]!], screen);
      return next!.at - output!.at;
    };
    assert.ok(pauseAfter(8) > pauseAfter(1));
    assert.equal(pauseAfter(1_000), pauseAfter(100));
  });

  it("breaks lines where the screen ends, and keeps the columns of a table", () => {
    assert.deepEqual(cues[2]!.lines, ["NAME   AGE", "x      1s"]);
    assert.deepEqual(
      cuesOf([{ kind: "output", text: "x".repeat(45), afterMs: 0 }], screen)[0]!.lines.map(({ length }) => length),
      [20, 20, 5],
    );
  });
});

describe("the picture of a recording", () => {
  const svg = svgOf(entries, screen, "A <title>");

  it("is XML, whatever programs print", () => {
    assert.ok(parseXml(svg).includes("svg"));
    assert.match(svg, /a &lt;b&gt; &amp; &quot;c&quot;/);
    for (const broken of ["<a><b></a></b>", "<a b=c/>", "a & b", '<a x="1" x="2"/>', "\u001b", "<a>"]) {
      assert.throws(() => parseXml(broken), assert.AssertionError, broken);
    }
  });

  it("shows each thing at its time: keyframes go up from 0 to less than 100 per cent", () => {
    const times = Array.from(svg.matchAll(/@keyframes c\d+\{0%\{opacity:0\}([\d.]+)%/g), ([, time]) => Number(time));
    assert.equal(times.length, entries.length);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(times.at(-1)! < 100);
  });

  it("scrolls so that the newest line is seen, and shows the end where nothing moves", () => {
    const rows = cuesOf(entries, screen).flatMap(({ lines }) => lines).length;
    const [, end] = /\.screen\{transform:translateY\((-\d+)px\)\}/.exec(svg)!;
    const scrolled = Array.from(svg.matchAll(/%\{transform:translateY\((-\d+)px\)\}/g), ([, by]) => Number(by));
    assert.equal(scrolled.at(-1), Number(end));
    assert.equal(Number(end) / -19, rows - screen.rows);
    assert.match(svg, /prefers-reduced-motion:reduce\)\{[^}]*animation:none/);
  });

  it("follows the reader's system, light or dark", () => {
    assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
  });
});

describe("docs/picture.svg", () => {
  const svg = readFileSync(join(import.meta.dirname, "../../docs/picture.svg"), "utf8");

  it("is XML that runs nothing and fetches nothing", () => {
    const allowed = new Set(["svg", "title", "style", "rect", "circle", "g", "text"]);
    assert.deepEqual(
      parseXml(svg).filter((name) => !allowed.has(name)),
      [],
    );
    assert.doesNotMatch(svg.replace('xmlns="http://www.w3.org/2000/svg"', ""), /\son\w+=|href=|url\(|@import|src=/i);
  });

  it("tells the whole story, and is small", () => {
    for (const part of ["wctl apply -f web.yaml", "kill -9", "wctl why", "wctl describe", "rolled out"]) {
      assert.ok(svg.includes(part), part);
    }
    assert.ok(svg.length < 100 * 1024);
  });
});
