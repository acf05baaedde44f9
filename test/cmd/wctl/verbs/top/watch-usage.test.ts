import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { StatusError } from "../../../../../api/errors.ts";
import type { Context } from "../../../../../cmd/wctl/command/command.ts";
import type { Output } from "../../../../../cmd/wctl/output/output.ts";
import type { Terminal } from "../../../../../cmd/wctl/output/terminal.ts";
import type { UsageRow } from "../../../../../cmd/wctl/verbs/top/usage-rows.ts";
import { watchUsage } from "../../../../../cmd/wctl/verbs/top/watch-usage.ts";
import { FakeClock } from "../../../../lib/fake-clock.ts";

const row = (name: string, cpu: number, memoryBytes: number): UsageRow => ({
  namespace: "default",
  name,
  cpu,
  memoryBytes,
  handles: 0,
  processes: 1,
});

/** A watch on what `looks` answer, one after the other; what it writes. */
function watching(looks: (() => UsageRow[])[], { isTTY = false, rows = 24 } = {}) {
  const written: string[] = [];
  const clock = new FakeClock();
  const stop = new AbortController();
  const input = new PassThrough();
  const output: Output = {
    write: (text) => void written.push(String(text)),
    isTTY,
    colours: false,
    columns: 100,
  };
  const terminal: Terminal = {
    input,
    isTTY,
    size: () => ({ columns: 100, rows }),
    raw: (on) => void (on || written.push("keys given back")),
    onResize: () => () => {},
    release: () => {},
  };
  const context = {
    out: output,
    err: { ...output, write: (text: string) => void written.push(`! ${text}`) },
    clock,
    signal: stop.signal,
    terminal: () => terminal,
  } as unknown as Context;
  const done = watchUsage(
    [row("a", 0.1, 9), row("b", 0.2, 5)],
    {
      intervalMs: 2_000,
      order: "cpu",
      look: async () => looks.shift()?.() ?? [],
      table: (shown) => `NAME\n${shown.map(({ name }) => `${name}\n`).join("")}`,
    },
    context,
  );
  return { written, clock, done, type: (key: string) => input.write(key), stop: () => stop.abort() };
}

describe("wctl top -w", () => {
  it("in a pipe prints one sorted table after the other until it is interrupted", async () => {
    const { written, clock, done, stop } = watching([() => [row("a", 2, 1), row("b", 1, 1)]]);
    await clock.advanceAsync(2_000);
    assert.deepEqual(written, ["NAME\nb\na\n\n", "NAME\na\nb\n\n"]);
    stop();
    assert.equal(await done, 130);
  });

  it("at a terminal draws over what it drew; keys sort at once, and q ends it", async () => {
    const { written, clock, done, type } = watching([() => [row("a", 2, 1)]], { isTTY: true });
    await clock.advanceAsync(0);
    type("m");
    type("x");
    await clock.advanceAsync(2_000);
    type("q");
    assert.equal(await done, 0);
    const help = "(c cpu, m memory, h handles, p processes, n name, q quit)\x1b[K\r\n\x1b[J";
    assert.deepEqual(written, [
      `\rNAME\x1b[K\r\nb\x1b[K\r\na\x1b[K\r\nevery 2s, by cpu ${help}`,
      `\x1b[4A\rNAME\x1b[K\r\na\x1b[K\r\nb\x1b[K\r\nevery 2s, by memory ${help}`,
      `\x1b[4A\rNAME\x1b[K\r\na\x1b[K\r\nevery 2s, by memory ${help}`,
      "keys given back",
    ]);
  });

  it("fits into a low window", async () => {
    const { written, clock, done, stop } = watching([], { isTTY: true, rows: 4 });
    await clock.advanceAsync(0);
    assert.match(written[0]!, /^\rNAME\x1b\[K\r\nb\x1b\[K\r\nevery 2s/);
    stop();
    await done;
  });

  it("asks again when the server is away for a moment, and ends when it is not that", async () => {
    const away = (): never => {
      throw new StatusError("ServiceUnavailable", "nobody there");
    };
    const { written, clock, done } = watching([
      away,
      away,
      () => [row("a", 1, 1)],
      () => {
        throw new StatusError("Forbidden", "no");
      },
    ]);
    const ended = assert.rejects(done, /no/);
    await clock.advanceAsync(8_000);
    await ended;
    assert.deepEqual(written, ["NAME\nb\na\n\n", "! nobody there; asking again\n", "NAME\na\n\n"]);
  });
});
