import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { HttpClient } from "../../../api/http/http-client.ts";
import { Patience } from "../../../api/http/patience.ts";
import { namespaces } from "../../../api/scheme.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

describe("Patience", () => {
  const waits = (code: number, retryAfter?: string): number | undefined => new Patience().waitMs(code, retryAfter);

  it("waits as client-go does: for a server that is busy or broken, and names whole seconds", () => {
    const cases: [code: number, retryAfter: string | undefined, ms: number | undefined][] = [
      [429, "1", 1000],
      [429, "0", 0],
      [503, "30", 30_000],
      [504, "1", 1000],
      [429, undefined, undefined],
      [409, "1", undefined],
      [404, "1", undefined],
    ];
    for (const [code, retryAfter, ms] of cases) assert.equal(waits(code, retryAfter), ms, `${code} ${retryAfter}`);
  });

  it("does not wait for what is no time, or a longer one than a minute", () => {
    const hostile = [
      "-1",
      "61",
      "99999999999999999999",
      `1${"0".repeat(400)}`,
      "1.5",
      "1e9",
      "0x1",
      "",
      "soon",
      "1, 2",
    ];
    hostile.push("Fri, 31 Dec 1999 23:59:59 GMT", "NaN", "Infinity", " ", "٣");
    for (const retryAfter of hostile) assert.equal(waits(429, retryAfter), undefined, retryAfter);
  });

  it("ends: after ten times, after a minute of waiting, or when the request may not take so long", () => {
    const count = (patience: Patience, retryAfter: string): number => {
      let times = 0;
      while (patience.waitMs(429, retryAfter) !== undefined) times++;
      return times;
    };
    assert.equal(count(new Patience(), "0"), 10);
    assert.equal(count(new Patience(), "1"), 10);
    assert.equal(count(new Patience(), "20"), 3);
    assert.equal(count(new Patience(5_000), "2"), 2);
  });
});

describe("a client of a server that turns requests away", () => {
  const closers: (() => unknown)[] = [];
  after(() => {
    for (const close of closers) close();
  });

  /** `answers` is asked for each request; what it gives is a time to come back, or nothing: then the request is answered. */
  async function serve(answers: (times: number) => string | undefined) {
    const asked: string[] = [];
    const respond: RequestListener = async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      asked.push(`${request.method} ${body}`);
      const retryAfter = answers(asked.length);
      if (retryAfter === undefined) return response.end('{"kind":"Namespace","metadata":{"name":"a"}}');
      response.writeHead(429, { "retry-after": retryAfter, "content-type": "application/json" });
      return response.end('{"kind":"Status","reason":"TooManyRequests","message":"Slow down.","code":429}');
    };
    const server = createServer(respond);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const clock = new FakeClock();
    const told: (string | undefined)[] = [];
    const endpoint = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const client = new HttpClient(endpoint, { retries: { clock, onWait: (why) => told.push(why) } });
    closers.push(
      () => server.close(),
      () => client.close(),
    );
    return { client, clock, asked, told };
  }

  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } } as const;

  it("sends the same request again when it is time, and tells why it waits", async () => {
    const { client, clock, asked, told } = await serve((times) => (times < 3 ? "2" : undefined));
    const made = client.create(namespaces, { ...namespace, spec: {} });
    for (let wait = 1; wait < 3; wait++) {
      await eventually(() => clock.pending === 1, "the client to wait");
      assert.deepEqual([asked.length, clock.nextIn], [wait, 2000]);
      clock.advance(2000);
    }
    assert.equal((await made).metadata.name, "a");
    assert.equal(asked.length, 3);
    assert.match(asked[2]!, /^POST .*"name":"a"/);
    assert.equal(new Set(asked).size, 1);
    const why = "Slow down. Asking again in 2s";
    assert.deepEqual(told, [why, undefined, why, undefined]);
  });

  it("gives up on one that never ends, with its own words: a read, and a command", async () => {
    const command = { command: ["true"], stdin: false };
    for (const ask of [
      (client: HttpClient) => client.get(namespaces, "a"),
      (client: HttpClient) => client.exec("default/a-0", command),
    ]) {
      const { client, clock, asked, told } = await serve(() => "0");
      let isOver = false;
      const refused = ask(client).finally(() => (isOver = true));
      const seen = assert.rejects(refused, { reason: "TooManyRequests", message: "Slow down." });
      await eventually(() => {
        clock.advance(0);
        return isOver;
      }, "the client to give up");
      await seen;
      assert.equal(asked.length, 11);
      assert.equal(told.at(-1), undefined);
    }
  });

  it("does not wait for one that names a time far away, nor longer than its caller does", async () => {
    const far = await serve(() => "3600");
    await assert.rejects(far.client.get(namespaces, "a"), { reason: "TooManyRequests" });
    assert.deepEqual([far.asked.length, far.told], [1, []]);

    const { client, clock, told } = await serve(() => "30");
    const given = new AbortController();
    const read = client.get(namespaces, "a", { signal: given.signal });
    await eventually(() => clock.pending === 1, "the client to wait");
    given.abort(new Error("enough"));
    await assert.rejects(read, /enough/);
    assert.deepEqual([clock.pending, told.length], [0, 2]);
  });
});
