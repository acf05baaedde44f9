import assert from "node:assert/strict";
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import type { LogOptions } from "../../../api/log-options.ts";
import { schemas } from "../../../api/schemas.generated.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { encodingOf } from "../../../runtime/logs/encodings.ts";
import { LONGEST_LINE, SPLIT_MARKER } from "../../../runtime/logs/line-splitter.ts";
import { lineStartAfter } from "../../../runtime/logs/line-start.ts";
import { LogDecoder } from "../../../runtime/logs/log-decoder.ts";
import { LogReader } from "../../../runtime/logs/log-reader.ts";
import { LogTrimmer } from "../../../runtime/logs/log-trimmer.ts";
import { Newlines } from "../../../runtime/logs/newlines.ts";
import { appendSample, indexPath } from "../../../runtime/logs/time-index.ts";
import type { LogEncoding, ProcessState, RunFiles, RuntimeEvent } from "../../../runtime/runtime.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { repeats } from "../../repeats.ts";
import { theCopy } from "./the-copy.ts";

const known = schemas.Process.properties.spec.properties.logs.properties.encoding.enum;
const encodings = known.filter((name) => name !== "OEM" && name !== "ANSI");

/** One of each way to decode: nothing, pairs of bytes, a table of our own, one of the system's, and each that has characters of several bytes. */
const distinct = ["UTF-8", "UTF-16LE", "ibm437", "windows-1252", "shift_jis", "gbk", "gb18030", "big5", "euc-kr"];

/** The others are the same code with another table: a few cases tell that it is there. */
const runsOf = (name: LogEncoding, times: number): number => (distinct.includes(name) ? repeats(times) : times / 10);

/** What an encoding can say -> how: found by asking the decoder what each byte, and each pair of bytes, means. */
function repertoire(name: LogEncoding): Map<string, Buffer> {
  const decoder = encodingOf(name).decoder?.(false);
  const decode = (bytes: Buffer): string => (decoder ? decoder(bytes, { stream: false }) : bytes.toString());
  const found = new Map<string, Buffer>();
  const add = (bytes: Buffer): void => {
    const text = decode(bytes);
    if ([...text].length === 1 && text !== "\ufffd" && !found.has(text)) found.set(text, bytes);
  };
  for (let byte = 0; byte < 256; byte++) add(Buffer.of(byte));
  if (found.size < 200) for (let pair = 0x8000; pair <= 0xffff; pair++) add(Buffer.of(pair >> 8, pair & 0xff));
  return found;
}

/** Of the Unicode encodings: characters whose bytes hold a newline's or a return's, and one outside of the first plane. */
const nasty = ["a", "Ċ", "਍", "ഊ", "\u0a00", "ਊ", "ഀ", "č", "€", "😀", "\n", "\r\n", "\r"];

function textIn(name: LogEncoding): fc.Arbitrary<{ text: string; bytes: Buffer }> {
  const unicode = ({ "UTF-8": "utf8", "UTF-16LE": "utf16le" } as const)[name as "UTF-8"];
  const map = unicode
    ? new Map(nasty.map((character) => [character, Buffer.from(character, unicode)]))
    : repertoire(name).set("\r\n", Buffer.from("\r\n"));
  const often = fc.constantFrom("\n", "\r\n", "x");
  return fc
    .array(
      fc.oneof(
        often,
        fc.constantFrom(...map.keys()).filter((one) => one !== "\u001b"),
      ),
    )
    .map((parts) => ({
      text: parts.join(""),
      bytes: Buffer.concat(parts.map((part) => map.get(part) ?? Buffer.from(part, unicode))),
    }));
}

const withLf = (text: string): string => text.replaceAll("\r\n", "\n");
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

describe("what was written is what is read, in", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-encodings-"));
  const path = join(folder, "1.out");
  after(() => rmSync(folder, { recursive: true }));
  let encoding: LogEncoding | undefined = "UTF-8";
  let isAlive = false;
  const followers = new Set<(event: RuntimeEvent) => void>();
  const runtime = {
    name: "posix" as const,
    runs: async (): Promise<RunFiles[]> => [
      { run: 1, instanceRun: 1, startedAt: "", stdout: path, ...(encoding && { encoding }) },
    ],
    earlierRuns: async () => [],
    get: () => ({ run: 1, treeAlive: isAlive }) as ProcessState,
    subscribe: (follower: (event: RuntimeEvent) => void) => {
      followers.add(follower);
      return () => void followers.delete(follower);
    },
  };
  const read = async (options: LogOptions = {}): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of new LogReader(runtime).open(theCopy, options, new AbortController().signal))
      chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  for (const name of encodings) {
    const written = textIn(name);

    it(`${name}: split at every byte`, () => {
      fc.assert(
        fc.property(written, ({ text, bytes }) => {
          for (let at = 0; at <= bytes.length; at++) {
            const decoder = new LogDecoder(encodingOf(name), 2);
            const parts = [decoder.push(bytes.subarray(0, at)), decoder.push(bytes.subarray(at)), decoder.end()];
            assert.equal(Buffer.concat(parts).toString(), withLf(text));
          }
          const decoder = new LogDecoder(encodingOf(name), 2);
          const parts = [...bytes].map((byte) => decoder.push(Buffer.of(byte)));
          assert.equal(Buffer.concat([...parts, decoder.end()]).toString(), withLf(text));
        }),
        { numRuns: runsOf(name, 100) },
      );
    });

    it(`${name}: whole, its last lines, since a time, and raw`, async () => {
      encoding = name;
      await fc.assert(
        fc.asyncProperty(written, fc.nat(5), async ({ text, bytes }, tailLines) => {
          writeFileSync(path, bytes);
          const shown = withLf(text);
          assert.equal((await read()).toString(), shown);
          assert.equal((await read({ sinceTime: "2000-01-01T00:00:00Z" })).toString(), shown);
          const tail = tailLines === 0 ? [] : lines(shown).slice(-tailLines);
          assert.equal((await read({ tailLines })).toString(), tail.join(""));
          assert.equal((await read({ tailLines, sinceTime: "2000-01-01T00:00:00Z" })).toString(), tail.join(""));
          assert.deepEqual(await read({ raw: true }), bytes);
          assert.deepEqual(await read({ raw: true, sinceTime: "2000-01-01T00:00:00Z" }), bytes);
        }),
        { numRuns: runsOf(name, 30) },
      );
    });
  }

  it("UTF-16LE: a byte order mark is not shown, times stand before lines, a line may be too long", async () => {
    encoding = "UTF-16LE";
    writeFileSync(path, Buffer.from("\ufeffone ਊ\r\ntwo\r\n", "utf16le"));
    appendSample(path, { size: 16, time: Date.parse("2026-01-01T00:00:01Z") });
    appendSample(path, { size: 99, time: Date.parse("2026-01-01T00:00:02Z") });
    assert.equal((await read()).toString(), "one ਊ\ntwo\n");
    const timed = "2026-01-01T00:00:01.000Z one ਊ\n2026-01-01T00:00:02.000Z two\n";
    assert.equal((await read({ timestamps: true })).toString(), timed);
    // What was there a second ago ended in the middle of a character: the line after it is whole all the same.
    appendSample(path, { size: 100, time: Date.parse("2026-01-01T00:00:03Z") });
    const long = "ж".repeat(LONGEST_LINE / 2 + 3);
    writeFileSync(path, Buffer.from(`${long}\r\nshort`, "utf16le"));
    const pieces = `${"ж".repeat(LONGEST_LINE / 2)}${SPLIT_MARKER}жжж\nshort`;
    assert.equal((await read({ sinceTime: "2000-01-01T00:00:00Z" })).toString(), pieces);
    assert.equal((await read()).toString().replaceAll(String(SPLIT_MARKER), ""), `${long}\nshort`);
  });

  it("undeclared, but with the byte order mark of UTF-16LE: is read as that, also by who follows from before the first byte", async () => {
    encoding = undefined;
    const bytes = Buffer.from("\ufeffone ਊ\r\ntwo\r\n", "utf16le");
    writeFileSync(path, bytes);
    assert.equal((await read()).toString(), "one ਊ\ntwo\n");
    assert.deepEqual(await read({ raw: true }), bytes);
    writeFileSync(path, "");
    isAlive = true;
    const reading = read({ follow: true });
    await eventually(() => followers.size === 1, "the reader follows");
    for (const byte of bytes) appendFileSync(path, Buffer.of(byte));
    isAlive = false;
    for (const tell of followers) tell({ type: "tree-ended", uid: "a", run: 1 });
    assert.equal((await reading).toString(), "one ਊ\ntwo\n");
    writeFileSync(path, "\u00ff\u00fe is no mark\n");
    assert.equal((await read()).toString(), "\u00ff\u00fe is no mark\n");
  });

  it("undeclared UTF-16LE: still known when its beginning, and the mark with it, was released", async () => {
    encoding = undefined;
    const line = "a line of sixteen\r\n";
    writeFileSync(path, Buffer.from(`\ufeff${line.repeat(2000)}`, "utf16le"));
    const released: number[] = [];
    const trimmer = new LogTrimmer({
      clock: new FakeClock(),
      logger: silentLogger,
      release: (_, length) => released.push(length),
    });
    try {
      trimmer.track([path], { maxSize: 32 * 1024 });
      assert.equal(released.length, 1);
      const file = openSync(path, "r+");
      writeSync(file, Buffer.alloc(released[0]!), 0, released[0]!, 0);
      closeSync(file);
      const text = (await read()).toString();
      assert.ok(text.length > 0 && text === line.replace("\r", "").repeat(text.length / (line.length - 1)));
    } finally {
      trimmer.close();
      rmSync(indexPath(path));
    }
  });

  it("a return that ends both the longest line and the log is not lost", async () => {
    encoding = "UTF-8";
    const text = `${"x".repeat(LONGEST_LINE - 1)}\r`;
    writeFileSync(path, text);
    assert.equal((await read()).toString(), text);
    const pieces = `${"x".repeat(LONGEST_LINE - 1)}${SPLIT_MARKER}\r`;
    assert.equal((await read({ sinceTime: "2000-01-01T00:00:00Z" })).toString(), pieces);
  });

  it("UTF-16LE: while half of a character is there", async () => {
    encoding = "UTF-16LE";
    const bytes = Buffer.from("ab\r\ncd\r\n", "utf16le");
    for (const options of [{ follow: true }, { follow: true, sinceTime: "2000-01-01T00:00:00Z" }]) {
      for (let at = 0; at <= bytes.length; at++) {
        writeFileSync(path, bytes.subarray(0, at));
        isAlive = true;
        const reading = read(options);
        await eventually(() => followers.size === 1, "the reader follows");
        appendFileSync(path, bytes.subarray(at));
        isAlive = false;
        for (const tell of followers) tell({ type: "tree-ended", uid: "a", run: 1 });
        assert.equal((await reading).toString(), "ab\ncd\n", `cut at ${at}`);
      }
    }
  });

  it("UTF-16LE: what is left of a log begins with a whole line", () => {
    writeFileSync(path, Buffer.from("਀਀ one\ntwo\n", "utf16le"));
    const newlines = new Newlines(encodingOf("UTF-16LE"));
    assert.equal(lineStartAfter(path, 0, newlines), Buffer.byteLength("਀਀ one\n", "utf16le"));
  });

  it("an encoding that nobody knows: UTF-8", async () => {
    encoding = "ebcdic" as LogEncoding;
    writeFileSync(path, "grün\n");
    assert.equal((await read()).toString(), "grün\n");
  });
});
