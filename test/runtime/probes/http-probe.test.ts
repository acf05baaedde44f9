import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { after, afterEach, describe, it } from "node:test";
import { issueCertificate } from "../../../apiserver/pki/issue.ts";
import { wctlVersion } from "../../../lib/version.ts";
import { HttpProbe } from "../../../runtime/probes/http-probe.ts";
import { timedOut } from "../../../runtime/probes/probe-results.ts";
import type { ProbeResult, ProbeSpec } from "../../../runtime/probes/prober.ts";
import { eventually } from "../../eventually.ts";

type HttpGet = NonNullable<ProbeSpec["httpGet"]>;

const servers: (Server & { closeAllConnections?: () => void })[] = [];
const listen = async (server: Server, host = "127.0.0.1"): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
};
const serve = (listener: RequestListener, host?: string): Promise<number> => listen(createServer(listener), host);
const closeAll = (): void => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections?.();
  }
};
afterEach(closeAll);
after(closeAll);

const ask = (get: HttpGet, signal = new AbortController().signal, allowRemoteHosts = false): Promise<ProbeResult> =>
  new HttpProbe(get, allowRemoteHosts).run(signal);

describe("a header that comes from elsewhere", () => {
  it("is fetched once, when it is first sent; without it nothing is asked", async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      seen.push([request.headers["x-token"], request.headers["x-absent"]]);
      response.end();
    });
    let fetched = 0;
    const token = (): string => {
      if (++fetched === 1) throw new Error("not known yet");
      return `value ${fetched}`;
    };
    const httpHeaders = [
      { name: "X-Token", value: token },
      { name: "X-Absent", value: () => undefined },
    ];
    const probe = new HttpProbe({ port, httpHeaders }, false);
    const { signal } = new AbortController();
    await assert.rejects(probe.run(signal), { message: "not known yet" });
    for (let n = 0; n < 2; n++) assert.equal((await probe.run(signal)).outcome, "success");
    assert.deepEqual(seen, [
      ["value 2", undefined],
      ["value 2", undefined],
    ]);
  });
});

describe("HttpProbe", () => {
  it("judges by the status: 200 to 399 is healthy", async () => {
    const port = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end("words"));
    for (const status of [200, 204, 299, 304, 399]) {
      assert.equal((await ask({ port, path: `/${status}` })).outcome, "success", String(status));
    }
    for (const status of [400, 404, 500, 503]) {
      assert.deepEqual(await ask({ port, path: `/${status}` }), {
        outcome: "failure",
        message: `HTTP probe failed with statuscode: ${status}`,
      });
    }
  });

  it("sends path, query and headers as declared, under its own name, on a connection of its own", async () => {
    const seen: unknown[] = [];
    const connections = new Set<unknown>();
    const port = await serve((request, response) => {
      const { host, "x-check": check, "user-agent": agent, accept, connection } = request.headers;
      seen.push([request.url, host, check, agent, accept, connection]);
      connections.add(request.socket);
      response.end("ok");
    });
    const agent = `wctl-probe/${wctlVersion}`;
    assert.deepEqual(await ask({ port, path: "live?full=1" }), { outcome: "success", message: "ok" });
    const httpHeaders = [
      { name: "X-Check", value: "1" },
      { name: "X-Check", value: "2" },
      { name: "Host", value: "example.test" },
      { name: "User-Agent", value: "" },
      { name: "Accept", value: "text/plain" },
    ];
    await ask({ port, httpHeaders });
    assert.deepEqual(seen, [
      ["/live?full=1", `127.0.0.1:${port}`, undefined, agent, "*/*", "close"],
      ["/", "example.test", "1, 2", undefined, "text/plain", "close"],
    ]);
    assert.equal(connections.size, 2);
  });

  it("follows redirects on the same host, also to another port, and at most ten requests", async () => {
    const elsewhere = await serve((_, response) => response.end("arrived"));
    const port = await serve((request, response) => {
      const location = { "/a": "/b", "/b": `http://127.0.0.1:${elsewhere}/`, "/loop": "/loop" }[request.url ?? ""];
      response.writeHead(request.url === "/a" ? 307 : 302, { location }).end();
    });
    assert.deepEqual(await ask({ port, path: "/a" }), { outcome: "success", message: "arrived" });
    assert.deepEqual(await ask({ port, path: "/loop" }), {
      outcome: "failure",
      message: `Get "http://127.0.0.1:${port}/loop": stopped after 10 redirects`,
    });
  });

  it("is content, with a warning, with a redirect that leads elsewhere or nowhere, and does not go there", async () => {
    let visited = 0;
    const trap = await serve((_, response) => {
      visited += 1;
      response.end();
    }, "127.0.0.2");
    const port = await serve((request, response) => {
      const location = request.url === "/away" ? `http://127.0.0.2:${trap}/` : undefined;
      response.writeHead(302, location ? { location } : {}).end("moved");
    });
    for (const path of ["/away", "/nowhere"]) {
      const message = "Probe terminated redirects, Response body: moved";
      assert.deepEqual(await ask({ port, path }), { outcome: "success", message, warning: true });
    }
    assert.equal(visited, 0);
    const odd = await serve((_, response) => response.writeHead(301, { location: "file:///etc/passwd" }).end());
    assert.match((await ask({ port: odd })).message, /unsupported protocol scheme "file"/);
  });

  it("reads at most 10 KiB of the answer, and never shows the body of a failure", async () => {
    const port = await serve((request, response) => {
      response.writeHead(request.url === "/bad" ? 500 : 200);
      const more = (): void => {
        while (response.write("x".repeat(4096)) && !response.destroyed);
      };
      response.on("drain", more);
      more();
    });
    const good = await ask({ port });
    assert.deepEqual([good.outcome, good.message.length], ["success", 10 * 1024]);
    assert.deepEqual(await ask({ port, path: "/bad" }), {
      outcome: "failure",
      message: "HTTP probe failed with statuscode: 500",
    });
  });

  it("says what went wrong in kubelet's words", async () => {
    const port = await serve(() => {});
    closeAll();
    const url = `http://127.0.0.1:${port}/`;
    assert.equal(
      (await ask({ port })).message,
      `Get "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
    const rude = await listen(createTcpServer((socket) => socket.end()));
    assert.equal((await ask({ port: rude, path: "/x" })).message, `Get "http://127.0.0.1:${rude}/x": EOF`);
    const babble = await listen(createTcpServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n")));
    assert.match((await ask({ port: babble })).message, /HTTP\/1\.x transport connection broken/);
    const plain = await serve((_, response) => response.end());
    assert.match((await ask({ port: plain, scheme: "HTTPS" })).message, /server gave HTTP response to HTTPS client/);
    const half = await listen(
      createTcpServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")),
    );
    assert.deepEqual(await ask({ port: half }), {
      outcome: "failure",
      message: `Get "http://127.0.0.1:${half}/": unexpected EOF`,
    });
  });

  it("is judged by the status line when the body of a failure cannot be read", async () => {
    const text = "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\nnonsense";
    const port = await listen(createTcpServer((socket) => socket.end(text)));
    assert.equal((await ask({ port })).message, "HTTP probe failed with statuscode: 503");
  });

  it("accepts an answer of bare LF after an early hint, over a slow connection", async () => {
    const text = "HTTP/1.1 103 Early Hints\n\nHTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nok";
    const port = await listen(
      createTcpServer((socket) => {
        let at = 0;
        const more = (): void =>
          void (at < text.length ? socket.write(text[at++]!, () => setImmediate(more)) : socket.end());
        more();
      }),
    );
    assert.deepEqual(await ask({ port }), { outcome: "success", message: "ok" });
  });

  it("keeps the declared Host on a relative redirect only, as kubelet", async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      seen.push(request.headers.host);
      const location = { "/a": "/b", "/b": `http://127.0.0.1:${port}/c` }[request.url ?? ""];
      response.writeHead(location ? 302 : 200, location ? { location } : {}).end();
    });
    await ask({ port, path: "/a", httpHeaders: [{ name: "host", value: "example.test" }] });
    assert.deepEqual(seen, ["example.test", "example.test", `127.0.0.1:${port}`]);
  });

  it("names a refused handshake by its alert", async () => {
    const alerts: [number, string][] = [
      [40, "handshake failure"],
      [49, "access denied"],
      [70, "protocol version not supported"],
      [112, "unrecognized name"],
      [120, "no application protocol"],
    ];
    for (const [alert, words] of alerts) {
      const refuse = Buffer.from([0x15, 3, 3, 0, 2, 2, alert]);
      const port = await listen(createTcpServer((socket) => socket.once("data", () => socket.end(refuse))));
      const { message } = await ask({ port, scheme: "HTTPS" });
      assert.equal(message, `Get "https://127.0.0.1:${port}/": remote error: tls: ${words}`);
    }
    const rude = await listen(createTcpServer((socket) => socket.once("data", () => socket.end())));
    assert.match((await ask({ port: rude, scheme: "HTTPS" })).message, /: EOF$/);
    const own = await issueCertificate({
      subject: { commonName: "a.test" },
      notBefore: new Date(Date.now() - 1000),
      notAfter: new Date(Date.now() + 86_400_000),
      use: { server: ["a.test"] },
    });
    const strict = createTlsServer({ ...own, requestCert: true, rejectUnauthorized: true }, (_, r) => r.end());
    const wanted = /remote error: tls: (certificate required|handshake failure)|EOF|connection reset/;
    assert.match((await ask({ port: await listen(strict), scheme: "HTTPS" })).message, wanted);
  });

  it("fails when its time is over, before the answer and within it, and rejects when it is not wanted any more", async () => {
    let asked = Promise.withResolvers<void>();
    const silent = await serve(() => asked.resolve());
    const slow = await serve((_, response) => response.writeHead(200).write("a part", () => asked.resolve()));
    const other = await serve((_, response) => response.end());
    /** Its time is over when it has been asked and others have had this many answers, so that what was sent before has come, or will have with more. */
    const overAfter = async (port: number, others: number): Promise<string> => {
      asked = Promise.withResolvers<void>();
      const controller = new AbortController();
      const result = ask({ port }, controller.signal);
      await asked.promise;
      for (let round = 0; round < others; round++) await ask({ port: other });
      controller.abort(timedOut);
      const { message } = await result;
      assert.ok(message.startsWith(`Get "http://127.0.0.1:${port}/": context deadline exceeded`), message);
      return message;
    };
    assert.match(await overAfter(silent, 3), / awaiting headers\)$/);
    let others = 0;
    await eventually(async () => / reading body\)$/.test(await overAfter(slow, ++others)), "it reads the body");
    const controller = new AbortController();
    const result = ask({ port: silent }, controller.signal);
    controller.abort();
    await assert.rejects(result);
  });

  it("does not verify certificates", async () => {
    const untrusted = await issueCertificate({
      subject: { commonName: "another.test" },
      notBefore: new Date("2001-01-01"),
      notAfter: new Date("2001-01-02"),
      use: { server: ["another.test"] },
    });
    const server = createTlsServer(untrusted, (_, response) => response.end("secret"));
    const port = await listen(server);
    assert.deepEqual(await ask({ port, scheme: "HTTPS" }), { outcome: "success", message: "secret" });
    assert.deepEqual(await ask({ host: "localhost", port, scheme: "HTTPS" }), {
      outcome: "success",
      message: "secret",
    });
  });

  it("goes to this machine only, however the host is spelled, unless allowed", async () => {
    let visits = 0;
    const port = await serve((_, response) => {
      visits += 1;
      response.end();
    }, "::");
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    for (const host of [
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "::ffff:127.0.0.1",
      "localhost",
      "LocalHost",
      ...own.map((one) => one.address),
    ]) {
      if (host.startsWith("fe80")) continue;
      assert.equal((await ask({ host, port })).outcome, "success", host);
    }
    const before = visits;
    const foreign = [
      "169.254.169.254",
      "8.8.8.8",
      "0.0.0.0",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "::ffff:8.8.8.8",
      "::",
      "fe80::1",
      "example.com",
      "localhost.example.com",
      "127.0.0.1.nip.io",
      "[::1]",
      "127.0.0.1:22",
      "user@127.0.0.1",
      "127.0.0.1/x",
      "127.0.0.1#",
      "",
      "ⅼocalhost",
      "１２７.0.0.1",
      `${hostname()}.example.com`,
    ];
    for (const host of foreign) await assert.rejects(ask({ host, port }), /is not this machine/, host);
    assert.equal(visits, before);
    assert.equal((await ask({ host: "0.0.0.0", port }, undefined, true)).outcome, "success", "allowed");
  });
});
