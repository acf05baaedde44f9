import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WatchEvent } from "../../../api/client.ts";
import type { EventStream } from "../../../apiserver/http/event-stream.ts";
import { StreamTurns } from "../../../apiserver/http/stream-turns.ts";
import type { Renderer } from "../../../apiserver/printing/rendering.ts";
import { EventWriter } from "../../../apiserver/verbs/event-writer.ts";
import type { Watching } from "../../../store/store.ts";
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
/** A watch in which what happens is said by the test. */
function watched(...first: WatchEvent[]) {
  const there = [...first];
  let isEnded = false;
  let listener = (): void => {};
  const next = (): Promise<IteratorResult<WatchEvent>> =>
    isEnded ? Promise.resolve({ done: true, value: undefined }) : new Promise(() => {});
  const whenMore = (told: () => void): void => {
    listener = told;
    if (there.length > 0 || isEnded) told();
  };
  return {
    events: { ...watchingOf({ next }, there), whenMore },
    add(...more: WatchEvent[]): void {
      there.push(...more);
      listener();
    },
    end(): void {
      isEnded = true;
      listener();
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
  it("that come until its turn leave in one piece, and the next has a turn of its own, until the end", async () => {
    const to = stream();
    const watch = watched(added("a"));
    const followed = writerTo(to, new StreamTurns(new FakeClock())).follow(watch.events);
    watch.add(added("b"), { type: "BOOKMARK", resourceVersion: "7" }, added("c"));
    await nextTurn();
    assert.deepEqual(to.pieces.splice(0), ['ADDED a\nADDED b\n{"type":"BOOKMARK","object":7}\nADDED c\n']);
    await nextTurn();
    watch.add(added("d"));
    await nextTurn();
    assert.deepEqual(to.pieces, ["ADDED d\n"]);
    watch.end();
    await followed;
  });

  it("are each watch's own, also where some begin and end alike", async () => {
    const turns = new StreamTurns(new FakeClock());
    const [a, b, c, d] = ["a", "b", "c", "d"].map(added) as [WatchEvent, WatchEvent, WatchEvent, WatchEvent];
    const all = [[a, b, d], [a, c, d], [a, c, d], [a, d], [a]].map((there) => ({ to: stream(), there }));
    for (const { to, there } of all) void writerTo(to, turns).follow(watched(...there).events);
    await nextTurn();
    assert.deepEqual(
      all.map(({ to }) => to.pieces.join("|").replaceAll("ADDED ", "").replaceAll("\n", "")),
      ["abd", "acd", "acd", "ad", "a"],
    );
  });

  it("wait where the reader is late, and only there; what is put down leaves before the end", async () => {
    const turns = new StreamTurns(new FakeClock());
    const late = stream({ isFull: true });
    const other = stream();
    const lateWatch = watched(added("a"));
    const otherWatch = watched(added("b"));
    void writerTo(late, turns).follow(lateWatch.events);
    void writerTo(other, turns).follow(otherWatch.events);
    await nextTurn();
    for (const watch of [lateWatch, otherWatch]) watch.add(added("c"));
    await nextTurn();
    assert.deepEqual([late.pieces, other.pieces], [["ADDED a\n"], ["ADDED b\n", "ADDED c\n"]]);
  });

  it("of which none is for this watcher are asked for by a question", async () => {
    const to = stream();
    const asked = Promise.withResolvers<IteratorResult<WatchEvent>>();
    let told = (): void => {};
    const events = {
      ...watchingOf({ next: () => asked.promise }),
      whenMore: (listener: () => void) => (told = listener),
    };
    void writerTo(to, new StreamTurns(new FakeClock())).follow(events as Watching<WatchEvent>);
    told();
    await nextTurn();
    asked.resolve({ done: false, value: added("z") });
    await nextTurn();
    await nextTurn();
    assert.deepEqual(to.pieces, ["ADDED z\n"]);
  });

  it("fail where they can't be shown, and as the watch does", async () => {
    const turns = new StreamTurns(new FakeClock());
    const broken = {
      event: (type: string, object: { name: string }) =>
        object.name === "b" ? assert.fail("odd") : renderer.event(type, object as never, false),
    };
    const writer = new EventWriter(stream().stream, broken as unknown as Renderer, turns, true);
    await assert.rejects(writer.follow(watched(added("a"), added("b")).events), /odd/);
    const failing = watchingOf<WatchEvent>({ next: () => Promise.reject(new Error("too old")) });
    failing.whenMore = (listener) => listener();
    await assert.rejects(writerTo(stream(), turns).follow(failing), /too old/);
  });
});
