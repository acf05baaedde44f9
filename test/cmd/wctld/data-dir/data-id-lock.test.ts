import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DataIdInUse, DataIdLock } from "../../../../cmd/wctld/data-dir/data-id-lock.ts";

describe("the lock of a data id", () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-data-id-lock-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  const folder = (): string => mkdtempSync(join(root, "data-"));

  it("is held once, also from a copy of the directory, until it is released", async () => {
    const [original, copy] = [folder(), join(root, "copy")];
    const lock = await DataIdLock.acquire(original);
    assert.equal(lock.squatted, undefined);
    cpSync(original, copy, { recursive: true });
    await assert.rejects(
      DataIdLock.acquire(copy),
      (error: Error) =>
        error instanceof DataIdInUse &&
        error.message.includes(`the daemon with pid ${process.pid} on ${original} has the same data id`),
    );
    lock.release();
    (await DataIdLock.acquire(copy)).release();
  });

  it("is another one for each data id", async () => {
    const locks = [await DataIdLock.acquire(folder()), await DataIdLock.acquire(folder())];
    assert.deepEqual(
      locks.map(({ squatted }) => squatted),
      [undefined, undefined],
    );
    for (const lock of locks) lock.release();
  });

  const squatters: [what: string, answer: (socket: Socket) => void][] = [
    ["hangs up", (socket) => socket.destroy()],
    ["makes up a proof", (socket) => socket.end(`${"x".repeat(32)}{"pid":1,"dataDir":"/"}`)],
    ["sends what it was sent", (socket) => socket.pipe(socket)],
    ["never stops talking", (socket) => void socket.write("x".repeat(100_000))],
  ];
  for (const [what, answer] of squatters) {
    it(`keeps nobody out when a stranger has its name who ${what}`, async () => {
      const dataDir = folder();
      (await DataIdLock.acquire(dataDir)).release();
      const stranger = await squat(nameIn(dataDir), answer);
      const lock = await DataIdLock.acquire(dataDir);
      assert.notEqual(lock.squatted, undefined);
      lock.release();
      stranger.close();
    });
  }
});

/** What everybody can see of a daemon that runs. */
function nameIn(dataDir: string): string {
  const read = (name: string): string => readFileSync(join(dataDir, name), "utf8").trim();
  const key = createHmac("sha256", Buffer.from(read("run-key"), "hex"))
    .update("data id lock")
    .digest();
  const name = `wctl-${createHmac("sha256", key).update(read("data-id")).digest("hex").slice(0, 32)}`;
  return process.getuid === undefined ? `\\\\.\\pipe\\${name}` : `\0${name}`;
}

function squat(name: string, answer: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    answer(socket);
  });
  return new Promise((resolve) => server.listen(name, () => resolve(server)));
}
