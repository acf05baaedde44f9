import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamTurns } from "../../../apiserver/http/stream-turns.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Streams whose writes take so long. */
function streams(clock: FakeClock, names: string, tookMs: number) {
  const sent: string[] = [];
  const all = [...names].map((name) => ({
    send(): void {
      sent.push(name);
      clock.advance(tookMs);
    },
  }));
  return { sent, all };
}

describe("turns of streams", () => {
  it("gives each one turn, in the order in which they came, however often they ask", async () => {
    const clock = new FakeClock();
    const turns = new StreamTurns(clock);
    const { sent, all } = streams(clock, "abc", 0);
    for (const one of [...all, ...all]) turns.add(one);
    assert.deepEqual(sent, [], "not in the middle of what the caller does");
    await nextTurn();
    assert.deepEqual(sent, ["a", "b", "c"]);
  });

  it("lets everybody else have a turn after half a millisecond", async () => {
    const clock = new FakeClock();
    const turns = new StreamTurns(clock);
    const { sent, all } = streams(clock, "abcde", 0.25);
    for (const one of all) turns.add(one);
    await nextTurn();
    assert.deepEqual(sent, ["a", "b"]);
    await nextTurn();
    assert.deepEqual(sent, ["a", "b", "c", "d"]);
    await nextTurn();
    assert.deepEqual(sent, ["a", "b", "c", "d", "e"]);
  });

  it("rests after a large round for a quarter of what it took; who asks meanwhile is in the next one", async () => {
    const clock = new FakeClock();
    const turns = new StreamTurns(clock);
    const { sent, all } = streams(clock, "abcd", 2);
    for (const one of all) turns.add(one);
    await nextTurn();
    turns.add(all[0]!);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.deepEqual(sent, ["a", "b", "c", "d"]);
    clock.advance(1);
    await nextTurn();
    assert.deepEqual(sent, ["a", "b", "c", "d"]);
    clock.advance(1);
    await nextTurn();
    assert.deepEqual(sent, ["a", "b", "c", "d", "a"]);
  });

  it("goes on when a stream asks again while it sends", async () => {
    const clock = new FakeClock();
    const turns = new StreamTurns(clock);
    let sent = 0;
    const again = { send: () => void (++sent < 3 && turns.add(again)) };
    turns.add(again);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.equal(sent, 3);
  });
});
