import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, it } from "node:test";
import { FramedConnection, LONGEST_MESSAGE } from "../../../api/exec/framed-connection.ts";

describe("messages over a connection", () => {
  it("arrive whole and in order, however they were cut", async () => {
    const [here, there] = duplexPair();
    const sender = new FramedConnection(here);
    const long = Buffer.alloc(LONGEST_MESSAGE + 10, "x");
    void sender.send(1, Buffer.from("one"));
    void sender.send(255, Buffer.alloc(0));
    void sender.send(2, long);
    sender.end();
    const seen: [number, number][] = [];
    for await (const { channel, data } of new FramedConnection(there).messages()) seen.push([channel, data.length]);
    assert.deepEqual(seen, [
      [1, 3],
      [255, 0],
      [2, LONGEST_MESSAGE],
      [2, 10],
    ]);
  });

  const heard = async (bytes: Iterable<Buffer>): Promise<[number, string][]> => {
    const [here, there] = duplexPair();
    for (const one of bytes) here.write(one);
    here.end();
    const seen: [number, string][] = [];
    for await (const { channel, data } of new FramedConnection(there).messages())
      seen.push([channel, Buffer.from(data).toString()]);
    return seen;
  };

  it("may come byte by byte", async () => {
    const bytes = Buffer.from([4, 0, 0, 0, 2, 65, 66, 0, 0, 0, 0, 0, 1]);
    const expected = [
      [4, "AB"],
      [0, ""],
    ];
    assert.deepEqual(await heard([bytes]), expected);
    assert.deepEqual(await heard([...bytes].map((byte) => Buffer.of(byte))), expected);
  });

  it("are refused when they say that they are too long: nothing is kept for them", async () => {
    await assert.rejects(heard([Buffer.from([0, 0, 1, 0, 1])]), /65537 bytes is too long/);
  });

  it("wait for a reader that is slow, and not for one that has gone", async () => {
    const [here, there] = duplexPair();
    const sender = new FramedConnection(here);
    let sent: Promise<void> | undefined;
    while (sent === undefined) sent = sender.send(1, Buffer.alloc(1000));
    let isOver = false;
    void sent.then(() => {
      isOver = true;
    });
    assert.equal(isOver, false);
    here.destroy();
    await sent;
    assert.equal(sender.send(1, Buffer.alloc(10)), undefined);
    there.destroy();
  });
});
