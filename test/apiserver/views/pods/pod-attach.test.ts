import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { channels } from "../../../../api/exec/exec-connection.ts";
import { instances } from "../../../../api/scheme.ts";
import type { InstanceStatus } from "../../../../api/types.generated.ts";
import { PodsView } from "../../../../apiserver/views/pods/pods.ts";
import { systemClock } from "../../../../lib/clock.ts";
import { eventually } from "../../../eventually.ts";
import { SpdyClient } from "../../exec/spdy/spdy-client.ts";
import { WebSocketClient } from "../../exec/websocket-client.ts";
import { instance } from "../../fixtures.ts";
import { adminClient } from "../../local-clients.ts";
import { TestServer } from "../../test-server.ts";

const path = "/api/v1/namespaces/default/pods/web-0/attach";

describe("attach", () => {
  let server: TestServer;
  /** By stream: what ends it, and whether its reader has gone. */
  const following = new Map<string, { end: () => void; isOver: boolean }>();
  const become = async (status: InstanceStatus): Promise<void> => {
    const client = adminClient(server.registry);
    await client.updateStatus(instances, { ...(await client.get(instances, "default/web-0")), status });
  };
  before(async () => {
    server = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      logs: {
        async *open(_copy, { stream = "", ...options }, signal) {
          assert.deepEqual(options, { follow: true, tailLines: 0 });
          const ended = new Promise<void>((resolve) => following.set(stream, { end: resolve, isOver: false }));
          yield Buffer.from(`on ${stream}\n`);
          await Promise.race([ended, once(signal, "abort")]);
          following.get(stream)!.isOver = true;
        },
      },
    });
    const body = instance("web-0");
    assert.equal((await server.ask("POST", "/apis/wctl.dev/v1/namespaces/default/instances", { body })).code, 201);
    await become({ phase: "Ready", ready: true, run: 1, state: { running: { startedAt: "2030-01-01T00:00:00Z" } } });
  });
  after(() => server.stop());
  const outcome = (text: string): unknown => JSON.parse(text).status;

  it("is what a program prints from now on, and ends well with its run", async () => {
    const client = await WebSocketClient.open(server, `${path}?container=main&stdout=true&stderr=true`);
    assert.ok(client instanceof WebSocketClient, JSON.stringify(client));
    await eventually(() => client.on(channels.stderr) !== "", "both are followed");
    assert.deepEqual([client.on(channels.stdout), client.on(channels.stderr)], ["on Stdout\n", "on Stderr\n"]);
    for (const { end } of following.values()) end();
    await eventually(() => client.isOver, "the server has ended the connection");
    assert.equal(outcome(client.on(channels.outcome)), "Success");
  });

  it("is one stream when only one is asked for, and follows no longer than its client is there", async () => {
    following.clear();
    const client = await SpdyClient.open(server, `${path}?stdout=true`);
    assert.ok(client instanceof SpdyClient);
    await client.openStreams("error", "stdout");
    await eventually(() => client.on("stdout").text === "on Stdout\n", "it is followed");
    assert.deepEqual([...following.keys()], ["Stdout"]);
    client.socket.destroy();
    await eventually(() => following.get("Stdout")!.isOver, "nothing is followed any more");
  });

  it("holds no input, and nothing of what does not run: a Status says so", async () => {
    const refused = async (query: string, where = path): Promise<unknown> =>
      WebSocketClient.open(server, `${where}?${query}`);
    const input = "nobody holds the input of a program: attach without --stdin (-i)";
    assert.deepEqual(await refused("stdin=true&stdout=true"), { code: 400, message: input });
    assert.deepEqual(await refused("stdout=true&container=side"), {
      code: 400,
      message: "container side is not valid for pod web-0",
    });
    assert.deepEqual(await refused("stdout=true", path.replace("web-0", "ghost")), {
      code: 404,
      message: 'pods "ghost" not found',
    });
    await become({ phase: "Succeeded", run: 1, state: { terminated: { exitCode: 0, reason: "Completed" } } });
    assert.deepEqual(await refused("stdout=true"), { code: 400, message: "container main of pod web-0 does not run" });
  });
});
