/** The ports of a Process, on real processes through the built executable. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { describe, it } from "node:test";
import { Bed, sh } from "./bed.ts";

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

  /** This process, which no daemon has started. */
  const stranger = async (port: number): Promise<Server> => {
    const server = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };

  it("a stranger who listens there is told before the start, by pid; when he has gone it starts", async () => {
    const port = await freePorts(1);
    const server = await stranger(port);
    await bed.create("late", `${listens}ports: [{name: http, port: ${port}}]\nbackoff: {initialSeconds: 1, factor: 1}`);
    const { state } = await bed.when("late-0", (status) => status.state?.waiting?.reason === "PortInUse");
    const told = `the port http (${port}) is in use by pid ${process.pid} (${process.execPath}) of uid ${process.getuid?.()}`;
    assert.equal(state.waiting.message, told);
    assert.ok((await bed.daemon.ok("why", "instance/late-0")).includes(told));
    server.close();
    await bed.when("late-0", ({ ready }) => ready);
  });

  it("another copy that listens there is told by its name", async () => {
    const port = await freePorts(1);
    await bed.create("first", `${listens}ports: [{name: http, port: ${port}}]`);
    await bed.when("first-0", ({ ready }) => ready);
    await bed.create("second", `${listens}ports: [{name: http, port: ${port}}]`);
    const { state } = await bed.when("second-0", (status) => status.state?.waiting?.reason === "PortInUse");
    assert.match(state.waiting.message, /in use by pid \d+ \(.*\) of uid \d+, of default\/first-0$/);
  });

  it("a stranger who takes the port after the start makes no copy ready", async () => {
    const port = await freePorts(1);
    await bed.create(
      "idle",
      `${sh("exec sleep 1000")}ports: [{name: http, port: ${port}}]
stop: {gracePeriodSeconds: 1}
readinessProbe: {httpGet: {port: http}, periodSeconds: 1}
livenessProbe: {tcpSocket: {port: ${port}}, periodSeconds: 1, failureThreshold: 2}`,
    );
    await bed.when("idle-0", ({ phase }) => phase === "Running");
    const server = await stranger(port);
    const who = `${port} is answered by pid ${process.pid} .*, not by this instance`;
    await bed.daemon.tells(new RegExp(`Readiness probe failed: ${who}`), "--for", "instance/idle-0");
    // A liveness probe is not deceived either: the program is restarted, and then the port is in use.
    await bed.when("idle-0", (status) => status.state?.waiting?.reason === "PortInUse");
    assert.equal((await bed.instance("idle-0")).status.ready, false);
    server.close();
  });

  it("a stranger who shares the port with the program is seen too, though the program listens there", async () => {
    const port = await freePorts(1);
    const program = `require("net").createServer((s) => s.end()).listen({ port: +process.argv[1], host: "127.0.0.1", reusePort: true })`;
    await bed.create(
      "shared",
      `command: ${JSON.stringify(process.execPath)}
args: [-e, ${JSON.stringify(program)}, $(WCTL_PORT_HTTP)]
stop: {gracePeriodSeconds: 1}
ports: [{name: http, port: ${port}}]
readinessProbe: {tcpSocket: {port: http}, periodSeconds: 1}`,
    );
    await bed.when("shared-0", ({ ready }) => ready);
    const server = createServer((socket) => socket.end());
    server.listen({ port, host: "127.0.0.1", reusePort: true });
    await once(server, "listening");
    await bed.when("shared-0", ({ ready }) => ready === false);
    await bed.daemon.tells(new RegExp(`${port} is answered by pid ${process.pid} `), "--for", "instance/shared-0");
    server.close();
    await bed.when("shared-0", ({ ready }) => ready);
  });

  it("without a number each copy is given one, and keeps it over a rollout and a restart of the daemon", async () => {
    await bed.create("given", `${listens}replicas: 2\nports: [{name: http}]`);
    const copies = ["given-0", "given-1"];
    const ready = () => Promise.all(copies.map((name) => bed.when(name, (status) => status.ready)));
    const numbers = (all: { ports: { port: number }[] }[]): number[] => all.map(({ ports }) => ports[0]!.port);
    const first = await ready();
    assert.deepEqual([...new Set(numbers(first))].length, 2);
    for (const port of numbers(first)) {
      assert.ok(port >= 20_000 && port <= 29_999);
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), String(port));
    }
    await bed.daemon.end("SIGKILL");
    await bed.daemon.start();
    const adopted = await ready();
    assert.deepEqual(
      adopted.map(({ pid }) => pid),
      first.map(({ pid }) => pid),
    );
    assert.deepEqual(numbers(adopted), numbers(first));
    await bed.daemon.ok("rollout", "restart", "process/given");
    await bed.daemon.ok("rollout", "status", "process/given");
    const renewed = await ready();
    assert.notDeepEqual(
      renewed.map(({ pid }) => pid),
      first.map(({ pid }) => pid),
    );
    assert.deepEqual(numbers(renewed), numbers(first));
  });

  it("one number for two copies is told, and so is a name that is none", async () => {
    const input = `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: shared}\nspec: {command: x, replicas: 2, ports: [{name: http, port: 80}]}`;
    const shared = await bed.daemon.wctlWith({ input }, "apply", "-f", "-", "--dry-run=server");
    assert.match(shared.stderr, /each of 2 copies is given 80 as "http", and only one of them can listen there/);
    const second = input.replace("shared", "second").replace("replicas: 2, ", "");
    await bed.daemon.wctlWith({ input: second }, "apply", "-f", "-");
    const met = await bed.daemon.wctlWith({ input }, "apply", "-f", "-", "--dry-run=server");
    assert.match(met.stderr, /80 is declared by process "second" too; only one of them can listen there/);
    await bed.daemon.ok("delete", "process", "second");
    await assert.rejects(
      bed.create("near", `command: x\nports: [{name: http, port: 80}]\nreadinessProbe: {tcpSocket: {port: htp}}`),
      /did you mean "http"\?/,
    );
  });
});
