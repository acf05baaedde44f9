import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { PortForwards } from "../../../../controllers/instance/ports/port-forwards.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import type { PortOwner } from "../../../../runtime/ports/port-owner.ts";
import type { ProcessState } from "../../../../runtime/runtime.ts";

describe("connections to the ports of an instance", () => {
  let listener: Server;
  let port: number;
  let phase: string;
  let told: string[];
  /** What is seen of the port, look after look; the last one stays. */
  let owners: PortOwner[];
  let forwards: PortForwards;
  const own: PortOwner = { by: "own", sockets: "1" };
  const web = () =>
    ({
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "web-0", namespace: "default", uid: "u" },
      spec: {
        command: "/bin/web",
        nodeName: "here",
        index: 1,
        revision: "r",
        ports: [
          { name: "http", port: port - 1, perInstance: true },
          { name: "dns", port: 53, protocol: "UDP" },
        ],
      },
      status: { phase: "Running" },
    }) as unknown as Stored<Instance> as Stored;
  before(async () => {
    listener = createServer((socket) => socket.pipe(socket));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    port = (listener.address() as AddressInfo).port;
  });
  beforeEach(() => {
    [phase, told, owners] = ["running", [], [own]];
    forwards = new PortForwards({
      runtime: {
        get: () => ({ phase }) as ProcessState,
        portOwner: async (uid, asked, host) => {
          assert.deepEqual([uid, asked, host], ["u", port, "127.0.0.1"]);
          return owners.length > 1 ? owners.shift()! : owners[0]!;
        },
      },
      recorder: { event: (_about, type, reason, message) => void told.push(`${type} ${reason}: ${message}`) },
      logger: silentLogger,
    });
  });
  after(() => listener.close());

  it("reach it where it listens, are told as an Event, and end with their session", async () => {
    const session = await forwards.open(web(), "ann");
    const socket = await session.connect(port);
    socket.write("echo");
    assert.equal(String((await once(socket, "data"))[0]), "echo");
    assert.deepEqual(told, ["Normal PortForward: ann connects to its ports"]);
    session.close();
    await once(socket, "close");
  });

  it("are to ports that it declares, and nowhere else on this machine", async () => {
    const session = await forwards.open(web(), "ann");
    for (const other of [22, 53, port - 1])
      await assert.rejects(session.connect(other), { message: `it is no port of web-0: it declares ${port}` });
    const silent = web() as Stored<Instance>;
    await assert.rejects(
      (await forwards.open({ ...silent, spec: { ...silent.spec, ports: [] } } as Stored, "ann")).connect(1),
      {
        message: "it is no port of web-0: it declares none (spec.ports)",
      },
    );
  });

  it("are to itself: whoever else listens there is not reached, whenever he comes", async () => {
    const session = await forwards.open(web(), "ann");
    const refused = async (message: RegExp, ...seen: PortOwner[]): Promise<void> => {
      owners = seen;
      await assert.rejects(session.connect(port), { message });
    };
    const other: PortOwner = { by: "other", who: "pid 12 (/usr/bin/nc)" };
    await refused(/^nothing listens there at 127\.0\.0\.1$/, { by: "nobody" });
    await refused(/^pid 12 \(\/usr\/bin\/nc\) listens there, not this instance$/, other);
    await refused(/^it cannot be seen who listens there: hidden$/, { by: "unknown", why: "hidden" });
    await refused(/^pid 12 /, own, other);
    await refused(/^it was opened anew meanwhile/, own, { by: "own", sockets: "2" });
  });

  it("begin while it runs, and are twenty sessions of one user at most", async () => {
    phase = "exited";
    await assert.rejects(forwards.open(web(), "ann"), { reason: "BadRequest", message: /does not run/ });
    phase = "running";
    const sessions = await Promise.all(Array.from({ length: 20 }, () => forwards.open(web(), "ann")));
    const message = "too many port-forwards of ann: at most 20 at once; end one of them first";
    await assert.rejects(forwards.open(web(), "ann"), { reason: "TooManyRequests", message });
    await forwards.open(web(), "bob");
    sessions[0]!.close();
    await forwards.open(web(), "ann");
  });
});
