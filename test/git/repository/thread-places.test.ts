import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ThreadPlace, ThreadPlaces } from "../../../git/repository/thread-places.ts";

const never = new AbortController().signal;
const soon = () => new Promise((resolve) => setImmediate(resolve));

/** Who has a place, in the order in which they got it. */
function asking(places: ThreadPlaces) {
  const served: string[] = [];
  const ask = async (name: string, signal = never): Promise<ThreadPlace> => {
    const place = await places.take(name.slice(0, 1), signal);
    served.push(name);
    return place;
  };
  return { served, ask };
}

describe("places of threads", () => {
  it("are given in turn, so many in all and so many to one owner, who holds up nobody else", async () => {
    const { served, ask } = asking(new ThreadPlaces(3, 2));
    const a1 = await ask("a1");
    await ask("a2");
    const a3 = ask("a3");
    const b1 = await ask("b1");
    const b2 = ask("b2");
    await soon();
    assert.deepEqual(served, ["a1", "a2", "b1"]);
    b1.free();
    await b2;
    assert.deepEqual(served, ["a1", "a2", "b1", "b2"], "a has as many as one may have");
    a1.free();
    await a3;
    assert.deepEqual(served, ["a1", "a2", "b1", "b2", "a3"]);
  });

  it("are given back by who has nothing to do, when somebody waits", async () => {
    const { served, ask } = asking(new ThreadPlaces(2, 2));
    const [a1, a2] = [await ask("a1"), await ask("a2")];
    const ended: string[] = [];
    a1.rests(() => ended.push("a1"));
    a2.rests(() => ended.push("a2"));
    assert.equal(ended.length, 0, "nobody waits");
    const b1 = ask("b1");
    assert.deepEqual(ended, ["a1"], "one is enough");
    await soon();
    assert.deepEqual(served, ["a1", "a2"], "its thread has not ended yet");
    a1.free();
    await b1;
    a2.works();
    const b2 = ask("b2");
    assert.deepEqual(ended, ["a1"], "it works again");
    a2.rests(() => ended.push("a2"));
    assert.deepEqual(ended, ["a1", "a2"]);
    a2.free();
    await b2;
  });

  it("are not given back for who could not have them", async () => {
    const { ask } = asking(new ThreadPlaces(3, 1));
    const ended: string[] = [];
    (await ask("a1")).rests(() => ended.push("a1"));
    const b1 = await ask("b1");
    const b2 = ask("b2");
    await soon();
    assert.equal(ended.length, 0);
    b1.rests(() => ended.push("b1"));
    assert.deepEqual(ended, ["b1"]);
    b1.free();
    await b2;
  });

  it("are not kept for who has given up", async () => {
    const { served, ask } = asking(new ThreadPlaces(1, 1));
    const a1 = await ask("a1");
    const aborter = new AbortController();
    const gone = assert.rejects(ask("b1", aborter.signal), /no more/);
    const c1 = ask("c1");
    aborter.abort(new Error("no more"));
    await gone;
    a1.free();
    await c1;
    assert.deepEqual(served, ["a1", "c1"]);
  });
});
