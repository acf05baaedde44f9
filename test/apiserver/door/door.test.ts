import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { selfSubjectReview } from "../../../apiserver/views/reviews/subject-reviews.ts";
import { eventually } from "../../eventually.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";
import { FakeDoor } from "./fake-door.ts";

const whoami = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews";
const review = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });

describe("the local door", () => {
  let server: TestServer;
  const audited: { stage: string; user: { username: string }; verb: string }[] = [];
  const door = new FakeDoor();
  before(async () => {
    server = await TestServer.start({
      door,
      views: () => [selfSubjectReview()],
      limits: { strangers: 20, connections: 60, headersMs: 200, checkMs: 50 },
      audit: { record: async (event) => void audited.push(event as (typeof audited)[number]) },
    });
    assert.deepEqual(await server.server.openDoor(), door.address);
  });
  beforeEach(() => {
    door.visitor = { name: "uid 7", isAdministrator: true };
    audited.length = 0;
  });
  after(async () => {
    await server.stop();
    assert.equal(door.isOpen, false, "nothing of it remains");
  });

  it("lets an administrator in as whom the administrator's certificate names, groups and all", async () => {
    const byCertificate = await server.ask("POST", whoami.slice(5), { body: review });
    const byDoor = await door.ask(whoami, undefined, review);
    assert.equal(byDoor.code, 201);
    const { username, groups } = JSON.parse(byDoor.body).status.userInfo;
    assert.equal(username, "wctl-admin");
    assert.deepEqual(
      { username, groups },
      {
        username: byCertificate.json.status.userInfo.username,
        groups: byCertificate.json.status.userInfo.groups,
      },
    );
  });

  it("writes down who has changed something, as for the certificate", async () => {
    const { code } = await door.ask(`POST ${processesPath}`, undefined, JSON.stringify(processManifest("by-door")));
    assert.equal(code, 201);
    assert.deepEqual(
      audited.map(({ stage, user, verb }) => [stage, user.username, verb]),
      [
        ["RequestReceived", "wctl-admin", "create"],
        ["ResponseComplete", "wctl-admin", "create"],
      ],
    );
  });

  it("lets him act as somebody else, with that one's rights", async () => {
    const jane = ["Host: wctl", "Impersonate-User: jane"];
    assert.equal((await door.ask(`GET ${processesPath}`, jane)).code, 403);
  });

  it("lets in nobody else, whatever he shows", async () => {
    for (const visitor of [{ name: "uid 8", isAdministrator: false }, undefined]) {
      door.visitor = visitor;
      assert.equal((await door.ask(`GET ${processesPath}`)).code, 401);
      const token = ["Host: wctl", "Authorization: Bearer root-token"];
      assert.equal((await door.ask(`GET ${processesPath}`, token)).code, 401);
    }
  });

  it("does not take a token for more than the connection", async () => {
    const { body } = await door.ask(whoami, ["Host: wctl", "Authorization: Bearer jane-token"], review);
    assert.equal(JSON.parse(body).status.userInfo.username, "wctl-admin");
  });

  const proxied: readonly (readonly string[])[] = [
    ["Host: wctl", "Forwarded: for=192.0.2.1"],
    ["Host: wctl", "X-Forwarded-For: 192.0.2.1"],
    ["Host: wctl", "x-forwarded-proto: https"],
    ["Host: wctl", "Via: 1.1 proxy"],
    ["Host: wctl", "X-Real-IP: 192.0.2.1"],
    ["Host: wctl", "Origin: http://wctl"],
    ["Host: wctl", "Origin: null"],
    ["Host: localhost"],
    ["Host: 127.0.0.1:7443"],
    ["Host: wctl:80"],
    ["Host: WCTL"],
    ["Host: "],
  ];
  for (const headers of proxied) {
    it(`refuses what somebody between has handed on: ${headers.join(", ")}`, async () => {
      const { code, body } = await door.ask(`GET ${processesPath}`, headers);
      assert.equal(code, 403);
      assert.match(JSON.parse(body).message, /local door is for programs of this machine, others use HTTPS$/);
    });
  }

  it("refuses requests without a Host, or with two", async () => {
    assert.equal((await door.ask(`GET ${processesPath}`, [])).code, 400);
    assert.notEqual((await door.ask(`GET ${processesPath}`, ["Host: wctl", "Host: wctl"])).code, 200);
  });

  it("is refused at HTTPS by its own name", async () => {
    const { code, json } = await server.ask("GET", processesPath, { headers: { host: "wctl" } });
    assert.equal(code, 403);
    assert.match(json.message, /is not a name of this server/);
  });

  it("answers malformed bytes with a Status, and cuts off who never sends his request", async () => {
    assert.match(await door.say("no such thing\r\n\r\n"), /^HTTP\/1\.1 400 .*malformed HTTP request/s);
    const slow = door.connect();
    slow.write("GET / HTTP/1.1\r\nHost: w");
    slow.resume();
    await once(slow, "close");
  });

  it("serves watches, and ends them when it closes", async () => {
    const other = new FakeDoor();
    const own = await TestServer.start({ door: other });
    await own.server.openDoor();
    const watching = other.connect();
    watching.write(`GET ${processesPath}?watch=true HTTP/1.1\r\nHost: wctl\r\n\r\n`);
    let seen = "";
    const ended = once(
      watching.setEncoding("utf8").on("data", (text) => (seen += text)),
      "end",
    );
    await eventually(() => seen.includes("200 OK"), "the watch has begun");
    await own.ask("POST", processesPath, { body: processManifest("seen") });
    await eventually(() => /"type":"ADDED".*"name":"seen"/.test(seen), "the event comes");
    await own.stop();
    await ended;
  });

  it("has the caps of everybody: who opens connections without end loses his oldest, and HTTPS still answers", async () => {
    const flood: Socket[] = [];
    let closed = 0;
    for (let n = 0; n < 100; n++)
      flood.push(
        door
          .connect()
          .on("close", () => closed++)
          .resume(),
      );
    await eventually(() => closed >= 80, "all but as many as strangers may have are closed");
    assert.equal((await server.ask("GET", processesPath)).code, 200);
    assert.equal((await door.ask(`GET ${processesPath}`)).code, 200);
    for (const socket of flood) socket.destroy();
  });

  it("is no reason not to start: HTTPS is served where the door can't be opened", async () => {
    const broken = new FakeDoor();
    broken.open = () => Promise.reject(new Error("no room"));
    const own = await TestServer.start({ door: broken });
    assert.equal(await own.server.openDoor(), undefined);
    assert.equal((await own.ask("GET", processesPath)).code, 200);
    await own.stop();
  });
});
