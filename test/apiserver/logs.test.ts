import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import type { LoggedCopy } from "../../api/copy.ts";
import { badRequest } from "../../api/errors.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { LogSource } from "../../apiserver/registry/log-source.ts";
import { TestServer } from "./test-server.ts";

const path = "/apis/wctl.dev/v1/namespaces/default/instances/web-0/log";
let server: TestServer;
let asked: { copy: LoggedCopy; options: LogOptions; signal: AbortSignal } | undefined;
let answer: (signal: AbortSignal) => AsyncIterable<string>;
const logs: LogSource = {
  async *open(copy, options, signal) {
    asked = { copy, options, signal };
    for await (const text of answer(signal)) yield Buffer.from(text);
  },
};
let uid = "";
before(async () => {
  server = await TestServer.start({ logs });
  const body = {
    apiVersion: "wctl.dev/v1",
    kind: "Instance",
    metadata: { name: "web-0" },
    spec: { command: "/bin/true", nodeName: "box", index: 0, revision: "r" },
  };
  const made = await server.ask("POST", path.replace("/web-0/log", ""), { body });
  assert.equal(made.code, 201, made.text);
  uid = made.json.metadata.uid;
});
after(() => server.stop());

describe("logs", () => {
  it("are plain text, byte by byte", async () => {
    const text = 'one\r\ntwo\x1b[31m\x00\n{"three": ';
    answer = async function* () {
      yield text.slice(0, 5);
      yield text.slice(5);
    };
    const reply = await server.ask("GET", path);
    assert.equal(reply.code, 200);
    assert.equal(reply.headers["content-type"], "text/plain");
    assert.equal(reply.text, text);
    assert.deepEqual(asked?.options, {});
    assert.deepEqual(asked?.copy, { owner: uid, index: 0, instance: uid, isInstance: true });
  });

  it("are asked for with every option", async () => {
    answer = async function* () {};
    await server.ask(
      "GET",
      `${path}?previous=true&sinceSeconds=60&tailLines=0&timestamps=true&limitBytes=1024&stream=Stderr&container=main`,
    );
    assert.deepEqual(asked?.options, {
      previous: true,
      sinceSeconds: 60,
      tailLines: 0,
      timestamps: true,
      limitBytes: 1024,
      stream: "Stderr",
    });
    await server.ask("GET", `${path}?sinceTime=2026-01-01T00:00:00.5%2B02:00&previous=false`);
    assert.deepEqual(asked?.options, { sinceTime: "2026-01-01T00:00:00.5+02:00" });
    await server.ask("GET", `${path}?run=7&frames=1`);
    assert.deepEqual(asked?.options, { run: 7, frames: true });
    await server.ask("GET", `${path}?frames=true&position=p&allRuns=false&follow=1`);
    assert.deepEqual(asked?.options, { frames: true, position: "p", follow: true });
    await server.ask("GET", `${path}?raw=true`);
    assert.deepEqual(asked?.options, { raw: true });
  });

  for (const query of [
    "tailLines=-1",
    "tailLines=x",
    "sinceSeconds=0",
    "limitBytes=0",
    "sinceTime=yesterday",
    "sinceTime=2026-13-45T00:00:00Z",
    "stream=Both",
    "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z",
    "raw=true&timestamps=true",
    "run=0",
    "run=1&previous=true",
    "allRuns=true&run=1",
    "position=p",
    `frames=true&position=${"p".repeat(600)}`,
    "frames=true&position=p&previous=true",
    "frames=true&follow=true&run=1",
    "index=0",
    "index=-1",
    "present=true",
    "frames=true&present=true&allRuns=true",
  ]) {
    it(`are refused with ${query}`, async () => {
      const reply = await server.ask("GET", `${path}?${query}`);
      assert.deepEqual([reply.code, reply.json.reason], [400, "BadRequest"]);
    });
  }

  it("of an instance that is not there are NotFound; of a run that is not, what the source says", async () => {
    assert.equal((await server.ask("GET", path.replace("web-0", "web-9"))).code, 404);
    // biome-ignore lint/correctness/useYield: it fails before the first line
    answer = async function* () {
      throw badRequest("previous run of instance web-0 not found");
    };
    const reply = await server.ask("GET", `${path}?previous=true`);
    assert.equal(reply.code, 400);
    assert.equal(reply.json.message, "previous run of instance web-0 not found");
  });

  it("of a Process are those of one of its copies, also when that is not there", async () => {
    const body = {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "web" },
      spec: { command: "/bin/web" },
    };
    const { json } = await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/processes", { body });
    const owner = json.metadata.uid;
    const log = "/apis/wctl.dev/v1/namespaces/default/processes/web/log";
    answer = async function* () {};
    await server.ask("GET", log);
    assert.deepEqual(asked?.copy, { owner, index: 0 }, "the Instance web-0 is not its own");
    const owned = {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: {
        name: "web-1",
        ownerReferences: [{ apiVersion: "wctl.dev/v1", kind: "Process", name: "web", uid: owner, controller: true }],
      },
      spec: { command: "/bin/web", nodeName: "box", index: 1, revision: "r" },
    };
    const made = await server.ask("POST", path.replace("/web-0/log", ""), { body: owned });
    await server.ask("GET", `${log}?index=1`);
    assert.deepEqual(asked?.copy, { owner, index: 1, instance: made.json.metadata.uid });
    assert.equal((await server.ask("GET", log.replace("web/", "none/"))).code, 404);
  });

  it("that are in frames say so", async () => {
    answer = async function* () {};
    const reply = await server.ask("GET", `${path}?frames=true`);
    assert.equal(reply.headers["content-type"], "application/vnd.wctl.log-frames");
  });

  it("that are followed show at once that they will come, then each line, until the client goes", async () => {
    const line = Promise.withResolvers<string>();
    const gone = Promise.withResolvers<void>();
    answer = async function* (signal) {
      yield await line.promise;
      await once(signal, "abort");
      gone.resolve();
    };
    const response = await server.open("GET", `${path}?follow=true`);
    assert.equal(response.statusCode, 200, "before there is a line");
    line.resolve("hello\n");
    const [chunk] = await once(response, "data");
    assert.equal(String(chunk), "hello\n");
    response.destroy();
    await gone.promise;
  });

  it("that fail half way are cut off: nobody takes them for whole", async () => {
    answer = async function* () {
      yield "begun\n";
      throw new Error("disk gone");
    };
    await assert.rejects(server.ask("GET", path));
  });
});
