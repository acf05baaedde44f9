import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import type { Worker } from "node:worker_threads";
import { type PooledThread, ThreadPool } from "../../../git/repository/thread-pool.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const never = new AbortController().signal;
const soon = () => new Promise((resolve) => setImmediate(resolve));

class FakeWorker extends EventEmitter {
  isEnded = false;
  async terminate(): Promise<number> {
    await soon();
    if (!this.isEnded) {
      this.isEnded = true;
      this.emit("exit", 1);
    }
    return 1;
  }
}

function pool(most: number, mostOfOne: number) {
  const started: FakeWorker[] = [];
  const clock = new FakeClock();
  const start = (): Worker => {
    const worker = new FakeWorker();
    started.push(worker);
    return worker as unknown as Worker;
  };
  const threads = new ThreadPool({ start, clock, most, mostOfOne });
  /** Who has a thread, in the order in which they got it. */
  const served: string[] = [];
  const ask = async (name: string, signal = never): Promise<PooledThread> => {
    const thread = await threads.take(name.slice(0, 1), signal);
    served.push(name);
    return thread;
  };
  return { threads, started, clock, served, ask };
}

describe("the threads that read repositories", () => {
  it("are given in turn, so many in all and so many to one owner, who holds up nobody else", async () => {
    const { served, ask, started } = pool(3, 2);
    const a1 = await ask("a1");
    await ask("a2");
    const a3 = ask("a3");
    const b1 = await ask("b1");
    const b2 = ask("b2");
    await soon();
    assert.deepEqual(served, ["a1", "a2", "b1"]);
    b1.giveBack();
    await b2;
    assert.deepEqual(served, ["a1", "a2", "b1", "b2"], "a has as many as one may have");
    a1.giveBack();
    await a3;
    assert.deepEqual(served, ["a1", "a2", "b1", "b2", "a3"]);
    assert.equal(started.length, 3);
  });

  it("are used again by anybody, and end when nobody needs them", async () => {
    const { ask, started, clock } = pool(2, 2);
    const first = await ask("a1");
    first.giveBack();
    const second = await ask("b1");
    assert.equal(second.worker, first.worker);
    clock.advance(60_000);
    await soon();
    assert.equal(started[0]?.isEnded, false, "it works");
    second.giveBack();
    clock.advance(10_000);
    await soon();
    assert.equal(started[0]?.isEnded, true);
    assert.notEqual((await ask("a2")).worker, first.worker);
  });

  it("are given to nobody while they end, for who asked would hear of that end", async () => {
    const { ask, clock } = pool(2, 2);
    const first = await ask("a1");
    first.giveBack();
    clock.advance(10_000);
    assert.notEqual((await ask("a2")).worker, first.worker);
  });

  it("are not used again when they are of no use; their place is free when they have ended", async () => {
    const { ask, started, served } = pool(1, 1);
    const lost = await ask("a1");
    const next = ask("b1");
    lost.end();
    lost.giveBack();
    assert.equal(served.length, 1, "two at once would be too many");
    assert.notEqual((await next).worker, lost.worker);
    started[1]?.emit("exit", 1);
    assert.notEqual((await ask("c1")).worker, started[1], "it ended by itself");
  });

  it("are not kept for who has given up", async () => {
    const { served, ask } = pool(1, 1);
    const a1 = await ask("a1");
    const aborter = new AbortController();
    const gone = assert.rejects(ask("b1", aborter.signal), /no more/);
    const c1 = ask("c1");
    aborter.abort(new Error("no more"));
    await gone;
    a1.giveBack();
    await c1;
    assert.deepEqual(served, ["a1", "c1"]);
  });

  it("end with the pool", async () => {
    const { threads, ask, started } = pool(1, 1);
    (await ask("a1")).giveBack();
    threads.close();
    await soon();
    assert.equal(started[0]?.isEnded, true);
  });
});
