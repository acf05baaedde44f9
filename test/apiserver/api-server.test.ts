import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect } from "node:tls";
import { type Certificates, ensureCertificates } from "../../apiserver/pki/certificates.ts";
import type { Logger } from "../../lib/logger.ts";
import { silentLogger } from "../../lib/logger.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { fakeRegistry } from "./fake-registry.ts";
import { processesPath, TestServer } from "./test-server.ts";

const HOUR = 3_600_000;

/** The server certificate that a new connection is shown. */
function shown(port: number, ca: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, ca }, () => {
    resolve(socket.getPeerX509Certificate()?.toString() ?? "");
    socket.destroy();
  });
  socket.once("error", reject);
  return promise;
}

describe("ApiServer", () => {
  it("says no more than an audit id of an error of its own, and logs the rest under it", async () => {
    const logged: Record<string, unknown>[] = [];
    const logger: Logger = { ...silentLogger, error: (_, fields) => void logged.push(fields ?? {}) };
    const registry = fakeRegistry({
      get() {
        throw new Error("secret inside");
      },
    });
    const server = await TestServer.start({ registry, logger });
    try {
      const reply = await server.ask("GET", `${processesPath}/web`);
      assert.equal(reply.code, 500);
      assert.equal(reply.json.reason, "InternalError");
      assert.doesNotMatch(reply.text, /secret/);
      const id = reply.headers["audit-id"];
      assert.ok(reply.json.message.includes(id));
      assert.equal(logged[0]?.auditId, id);
      assert.match(String(logged[0]?.error), /secret inside/);
    } finally {
      await server.stop();
    }
  });

  it("shows a renewed certificate without a restart, and keeps the old one while it cannot renew", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wctl-renew-"));
    const clock = new FakeClock(new Date());
    const errors: string[] = [];
    let broken = false;
    let current: Certificates | undefined;
    const certificates = async (): Promise<Certificates> => {
      if (broken) throw new Error("disk full");
      // The wall clock of TLS itself is the machine's: the certificate must be valid by that one too.
      current = await ensureCertificates({ directory, host: "127.0.0.1", now: new Date() });
      return current;
    };
    const logger: Logger = { ...silentLogger, error: (message) => void errors.push(message) };
    const server = await TestServer.start({ certificates, clock, logger });
    try {
      const first = current as unknown as Certificates;
      assert.equal(await shown(server.port, first.ca), first.server.cert);
      broken = true;
      await clock.advanceAsync(HOUR);
      assert.deepEqual(errors, ["certificates could not be renewed"]);
      assert.equal(await shown(server.port, first.ca), first.server.cert);
      broken = false;
      await rm(join(directory, "pki", "server.crt"));
      clock.advance(HOUR);
      let now = first.server.cert;
      for (let tries = 0; tries < 500 && now === first.server.cert; tries++) now = await shown(server.port, first.ca);
      assert.notEqual(now, first.server.cert);
      assert.equal(now, current?.server.cert);
    } finally {
      await server.stop();
      await rm(directory, { recursive: true });
    }
  });

  it("rejects when its address is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const server = await TestServer.start();
    await server.server.close();
    await assert.rejects(server.server.listen("127.0.0.1", port), { code: "EADDRINUSE" });
    await new Promise((resolve) => other.close(resolve));
    await server.stop();
  });

  it("names itself by what a client on this machine can reach", async () => {
    const server = await TestServer.start();
    await server.server.close();
    for (const [host, url] of [
      ["0.0.0.0", /^https:\/\/127\.0\.0\.1:\d+$/],
      ["localhost", /^https:\/\/localhost:\d+$/],
    ] as const) {
      assert.match((await server.server.listen(host, 0)).url, url);
      await server.server.close();
    }
    await server.server.close(); // A second time does nothing.
    await server.stop();
  });
});
