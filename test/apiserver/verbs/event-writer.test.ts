import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WatchEvent } from "../../../api/client.ts";
import type { EventStream } from "../../../apiserver/http/event-stream.ts";
import { StreamTurns } from "../../../apiserver/http/stream-turns.ts";
import type { Renderer } from "../../../apiserver/printing/rendering.ts";
import { EventWriter } from "../../../apiserver/verbs/event-writer.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { watchingOf } from "../../store/watching-of.ts";

const lines = new Map<unknown, Buffer>();
const renderer = {
  event(type: string, object: { name: string }): Buffer {
    const line = lines.get(object) ?? Buffer.from(`${type} ${object.name}\n`);
    lines.set(object, line);
    return line;
  },
  bookmark: (revision: string) => revision,
} as unknown as Renderer;

const added = (name: string): WatchEvent => ({ type: "ADDED", object: { name } as never });
const endless = { next: () => new Promise<never>(() => {}) };

/** A stream that takes everything, or is full for good. */
function stream({ isFull = false } = {}) {
  const pieces: string[] = [];
  const write = (piece: Uint8Array): Promise<void> | undefined => {
    pieces.push(Buffer.from(piece).toString());
    return isFull ? new Promise(() => {}) : undefined;
  };
  return { pieces, stream: { write, end: () => pieces.push("END") } as unknown as EventStream };
}

const writerTo = (to: ReturnType<typeof stream>, turns: StreamTurns): EventWriter =>
  new EventWriter(to.stream, renderer, turns, true);

describe("events of a watch", () => {
  it("that come until its turn leave in one piece, and the next has a turn of its own", async () => {
    const turns = new StreamTurns(new FakeClock());
    const to = stream();
    const there = [added("b"), { type: "BOOKMARK", resourceVersion: "7" } as const, added("c")];
    const events = watchingOf(endless, there);
    const writer = writerTo(to, turns);
    await writer.inTurn(added("a"), events);
    await writer.inTurn(added("d"), events);
    assert.deepEqual(to.pieces, ['ADDED a\nADDED b\n{"type":"BOOKMARK","object":7}\nADDED c\n', "ADDED d\n"]);
  });

  it("are each watch's own, also where some begin and end alike", async () => {
    const turns = new StreamTurns(new FakeClock());
    const [a, b, c, d] = ["a", "b", "c", "d"].map(added) as [WatchEvent, WatchEvent, WatchEvent, WatchEvent];
    const all = [[b, d], [c, d], [c, d], [d], []].map((there) => ({ to: stream(), there }));
    await Promise.all(all.map(({ to, there }) => writerTo(to, turns).inTurn(a, watchingOf(endless, [...there]))));
    assert.deepEqual(
      all.map(({ to }) => to.pieces.join("|").replaceAll("ADDED ", "").replaceAll("\n", "")),
      ["abd", "acd", "acd", "ad", "a"],
    );
  });

  it("wait where the reader is late, and only there; what is put down leaves before the end", async () => {
    const turns = new StreamTurns(new FakeClock());
    const late = stream({ isFull: true });
    const other = stream();
    let isLate = true;
    const writer = writerTo(late, turns);
    void writer.inTurn(added("a"), watchingOf(endless)).then(() => {
      isLate = false;
    });
    await writerTo(other, turns).inTurn(added("b"), watchingOf(endless));
    assert.deepEqual([late.pieces, other.pieces, isLate], [["ADDED a\n"], ["ADDED b\n"], true]);
    void writer.inTurn(added("c"), watchingOf(endless));
    writer.end();
    assert.deepEqual(late.pieces, ["ADDED a\n", "ADDED c\n", "END"]);
  });

  it("fail where they can't be shown", async () => {
    const turns = new StreamTurns(new FakeClock());
    const broken = {
      event: (type: string, object: { name: string }) =>
        object.name === "b" ? assert.fail("odd") : renderer.event(type, object as never, false),
    };
    const writer = new EventWriter(stream().stream, broken as unknown as Renderer, turns, true);
    await assert.rejects(writer.inTurn(added("a"), watchingOf(endless, [added("b")])), /odd/);
  });
});
