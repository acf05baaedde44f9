import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { openSession } from "../../../cmd/wctl/open-session.ts";
import { runWords } from "./run-words.ts";

describe("a session with a server that is busy", () => {
  let turnsAway = 0;
  const server = createServer((_, response) => {
    if (turnsAway-- > 0) response.writeHead(429, { "retry-after": "0" }).end("too busy");
    else response.end('{"kind":"Namespace","metadata":{"name":"a"}}');
  });
  let url: string;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const get = async (...flags: string[]) => {
    turnsAway = 1;
    const shown: (string | undefined)[] = [];
    const words = ["get", "namespace", "a", "-o", "name", "--server", url, ...flags];
    const alive = setInterval(() => {}, 1000); // As main.ts: the clock's timers keep no process running.
    const ran = await runWords(words, (given, warn) => openSession(given, {}, warn, (why) => shown.push(why)));
    clearInterval(alive);
    return { ...ran, shown };
  };

  it("asks again, and shows meanwhile why it waits", async () => {
    const { code, out, err, shown } = await get();
    assert.deepEqual([code, out, err], [0, "namespace/a\n", ""]);
    assert.equal(shown.length, 2);
    assert.match(shown[0]!, /too busy.* Asking again in 0s$/);
    assert.equal(shown[1], undefined);
  });

  it("tells it in a line where requests are told", async () => {
    const { err } = await get("-v", "6");
    assert.match(err, /^GET \S+ 429 in \d+ milliseconds\n.*Asking again in 0s\nGET \S+ 200 in \d+ milliseconds\n$/);
  });
});
