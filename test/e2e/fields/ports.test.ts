/** The ports of a Process, on real processes through the built executable. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { Bed } from "./bed.ts";

/** A port that was free a moment ago, and `count` - 1 after it. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as AddressInfo;
    const more = await Promise.all(
      Array.from({ length: count - 1 }, async (_, index) => {
        const server = createServer();
        const listening = await new Promise<boolean>((resolve) => {
          server.once("error", () => resolve(false)).once("listening", () => resolve(true));
          server.listen(port + 1 + index, "127.0.0.1");
        });
        server.close();
        return listening;
      }),
    );
    first.close();
    await once(first, "close");
    if (more.every(Boolean)) return port;
  }
}

/** Listens at its first argument, and answers with what it was told. */
const LISTENS = `require("http").createServer((_, answer) => answer.end(process.env.WCTL_PORT_HTTP)).listen(+process.argv[1], "127.0.0.1")`;
const listens = `command: ${JSON.stringify(process.execPath)}
args: [-e, ${JSON.stringify(LISTENS)}, $(WCTL_PORT_HTTP)]
stop: {gracePeriodSeconds: 1}
readinessProbe: {httpGet: {port: http}, periodSeconds: 1}
`;

describe("ports", () => {
  const bed = new Bed();

  it("each copy is told its own, listens there, and is asked there", async () => {
    const port = await freePorts(2);
    await bed.create("copies", `${listens}replicas: 2\nports: [{name: http, port: ${port}, perInstance: true}]`);
    for (const index of [0, 1]) {
      const status = await bed.when(`copies-${index}`, ({ ready }) => ready);
      assert.deepEqual(status.ports, [{ name: "http", port: port + index }]);
      const answer = await fetch(`http://127.0.0.1:${port + index}/`);
      assert.equal(await answer.text(), String(port + index));
    }
    const table = await bed.daemon.ok("get", "process", "copies", "-o", "wide");
    assert.match(table, new RegExp(`NODE +PORTS\n.* http:${port},http:${port + 1}\n`));
    assert.match(await bed.daemon.ok("describe", "process", "copies"), new RegExp(`http: +${port} \\+ index/TCP`));
  });

  it("one number for two copies is told, and so is a name that is none", async () => {
    const input = `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: shared}\nspec: {command: x, replicas: 2, ports: [{name: http, port: 80}]}`;
    const shared = await bed.daemon.wctlWith({ input }, "apply", "-f", "-", "--dry-run=server");
    assert.match(shared.stderr, /each of 2 copies is given 80 as "http", and only one of them can listen there/);
    await assert.rejects(
      bed.create("near", `command: x\nports: [{name: http, port: 80}]\nreadinessProbe: {tcpSocket: {port: htp}}`),
      /did you mean "http"\?/,
    );
  });
});
