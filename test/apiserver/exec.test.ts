import assert from "node:assert/strict";
import { once } from "node:events";
import { type PassThrough, Readable } from "node:stream";
import { after, before, beforeEach, describe, it } from "node:test";
import { badRequest } from "../../api/errors.ts";
import { channels, type ExecConnection, FIRST_CREDIT } from "../../api/exec/exec-connection.ts";
import type { ExecOutcome } from "../../api/exec/exec-outcome.ts";
import type { ExecRequest } from "../../api/exec/exec-session.ts";
import { HttpClient } from "../../api/http/http-client.ts";
import { eventually } from "../eventually.ts";
import { FakeSession } from "./fake-session.ts";
import { TestServer } from "./test-server.ts";

const path = "/apis/wctl.dev/v1/namespaces/default/instances/web-0/exec";

describe("exec", () => {
  let server: TestServer;
  let client: HttpClient;
  let session: FakeSession;
  let asked: { request: ExecRequest; user: string } | undefined;
  let refusal: Error | undefined;
  const exec = (request: Partial<ExecRequest> = {}): Promise<ExecConnection> =>
    client.exec("default/web-0", { command: ["cat"], stdin: true, ...request });
  /** What came, by channel, to the end of the connection. */
  const all = async (connection: ExecConnection): Promise<Map<number, string>> => {
    const seen = new Map<number, string>();
    for await (const { channel, data } of connection.messages())
      seen.set(channel, (seen.get(channel) ?? "") + Buffer.from(data).toString());
    return seen;
  };
  before(async () => {
    server = await TestServer.start({
      exec: {
        async open(_object, request, user) {
          asked = { request, user: user.name };
          if (refusal) throw refusal;
          return session;
        },
      },
    });
    const { ca, admin } = server.certificates;
    client = new HttpClient({ server: server.url, ca, cert: admin.cert, key: admin.key });
    const body = {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name: "web-0" },
      spec: { command: "/bin/true", nodeName: "here", index: 0, revision: "r" },
    };
    assert.equal((await server.ask("POST", path.replace("/web-0/exec", ""), { body })).code, 201);
  });
  beforeEach(() => {
    session = new FakeSession();
    [asked, refusal] = [undefined, undefined];
  });
  after(async () => {
    client.close();
    await server.stop();
  });

  it("carries input, both outputs, sizes and the outcome", async () => {
    const connection = await exec({ command: ["sh", "-c", "x"], terminal: { columns: 10, rows: 5, name: "vt100" } });
    assert.deepEqual(asked, {
      user: "wctl-admin",
      request: { command: ["sh", "-c", "x"], stdin: true, terminal: { columns: 10, rows: 5, name: "vt100" } },
    });
    void connection.send(channels.stdin, Buffer.from("typed"));
    void connection.send(channels.resize, Buffer.from('{"Width":20,"Height":6}'));
    void connection.send(channels.close, Buffer.of(channels.stdin));
    await once(session.stdin, "finish");
    assert.equal(Buffer.concat(session.read).toString(), "typed");
    assert.deepEqual(session.sizes, [{ columns: 20, rows: 6 }]);
    (session.stdout as PassThrough).write("out");
    session.stderr.write("err");
    session.exit({ code: 3 });
    const seen = await all(connection);
    assert.deepEqual([seen.get(channels.stdout), seen.get(channels.stderr)], ["out", "err"]);
    const outcome = JSON.parse(seen.get(channels.outcome)!) as ExecOutcome;
    assert.deepEqual(
      [outcome.status, outcome.reason, outcome.details?.causes],
      ["Failure", "NonZeroExitCode", [{ reason: "ExitCode", message: "3" }]],
    );
    assert.equal(session.closed, 1);
  });

  it("tells what went wrong before the command began over HTTP, and later as its outcome", async () => {
    refusal = badRequest("it does not run");
    await assert.rejects(exec(), { reason: "BadRequest", message: "it does not run" });
    refusal = undefined;
    const connection = await exec();
    session.fail(badRequest("it did not become its program"));
    (session.stdout as PassThrough).end();
    const outcome = JSON.parse((await all(connection)).get(channels.outcome)!) as ExecOutcome;
    assert.deepEqual([outcome.reason, outcome.message], ["BadRequest", "it did not become its program"]);
    await assert.rejects(client.exec("default/none", { command: ["ls"], stdin: false }), { reason: "NotFound" });
  });

  it("ends the command when its client goes, also while it takes no input and nobody reads its output", async () => {
    const endless = new Readable({
      highWaterMark: 64 * 1024,
      read() {
        session.printed += 64 * 1024;
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    session = new FakeSession(endless);
    session.isDeaf = true;
    const connection = await exec();
    await connection.send(channels.stdin, Buffer.alloc(FIRST_CREDIT));
    await eventually(() => session.read.length > 0, "the command got input");
    let before = -1;
    await eventually(() => {
      const isStill = session.printed === before;
      before = session.printed;
      return isStill;
    }, "the output waits for its reader");
    assert.ok(session.printed < 64 * 1024 * 1024, `${session.printed} bytes were taken from the command`);
    connection.destroy();
    await eventually(() => session.closed > 0, "the session is closed");
  });

  const broken: [what: string, channel: number, data: Buffer][] = [
    ["more input than it was given credit for", channels.stdin, Buffer.alloc(FIRST_CREDIT + 1)],
    ["a channel that is the server's", channels.stdout, Buffer.from("x")],
    ["a channel that nobody knows", 77, Buffer.alloc(0)],
    ["a size that is none", channels.resize, Buffer.from('{"Width":-1,"Height":"x"}')],
    ["a size that is no JSON", channels.resize, Buffer.from("{")],
  ];
  for (const [what, channel, data] of broken) {
    it(`ends the session of a client that sends ${what}`, async () => {
      session.isDeaf = true;
      const connection = await exec();
      void connection.send(channel, data);
      await all(connection).catch(() => {});
      await eventually(() => session.closed === 1, "the session is closed");
    });
  }

  it("needs the protocol, and nothing else leaves HTTP for it", async () => {
    const upgrade = { connection: "Upgrade", upgrade: "exec.wctl.dev" };
    const plain = await server.ask("POST", `${path}?command=ls`);
    assert.deepEqual([plain.code, /needs HTTP\/1\.1 and the headers/.test(plain.json.message)], [400, true]);
    const other = await server.ask("POST", `${path}?command=ls`, { headers: { ...upgrade, upgrade: "websocket" } });
    assert.equal(other.code, 400);
    for (const elsewhere of ["/apis/wctl.dev/v1/processes", "/healthz", "/version"]) {
      const reply = await server.ask("GET", elsewhere, { headers: upgrade });
      assert.deepEqual([elsewhere, reply.code, reply.headers.connection], [elsewhere, 200, "close"]);
    }
    const written = await server.ask("POST", path.replace("/web-0/exec", ""), { headers: upgrade, body: {} });
    assert.deepEqual([written.code, /leave out the header Upgrade/.test(written.json.message)], [400, true]);
    assert.equal((await server.ask("GET", path)).code, 400);
    assert.equal((await server.ask("POST", path.replace("exec", "status"), { headers: upgrade })).code, 405);
    assert.equal(asked, undefined);
  });

  it("is for nobody without credentials, for no other user and for no agent: not even for that of its node", async () => {
    const headers = { connection: "Upgrade", upgrade: "exec.wctl.dev" };
    const ask = async (token: string): Promise<number> => {
      const authorization = { authorization: `Bearer ${token}` };
      return (
        await server.ask("POST", `${path}?command=ls`, { as: "nobody", headers: { ...headers, ...authorization } })
      ).code;
    };
    assert.equal((await server.ask("POST", `${path}?command=ls`, { as: "nobody", headers })).code, 401);
    assert.deepEqual([await ask("jane-token"), await ask("here-token"), await ask("elsewhere-token")], [403, 403, 403]);
    assert.equal(asked, undefined);
  });
});
