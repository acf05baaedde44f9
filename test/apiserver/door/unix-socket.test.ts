import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { SocketDoor } from "../../../api/http/door/socket-door.ts";
import { HttpClient } from "../../../api/http/http-client.ts";
import { processes } from "../../../api/scheme.ts";
import { UnixDoor } from "../../../runtime/posix/door/unix-door.ts";
import { becomeUser } from "../../become-user.ts";
import { eventually } from "../../eventually.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

const run = promisify(execFile);
const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
const needsPosix = { skip: uid === undefined ? "Windows has a pipe in its place" : false };
const needsRoot = { skip: uid === 0 ? false : "only root can become another user" };
const SOMEBODY = 65_533;
const STRANGERS = 50;

describe("the API at a Unix socket", needsPosix, () => {
  const folder = mkdtempSync(join(tmpdir(), "door-"));
  const path = join(folder, "wctl.sock");
  let server: TestServer;
  let client: HttpClient;
  before(async () => {
    server = await TestServer.start({ door: new UnixDoor(folder), limits: { strangers: STRANGERS, connections: 100 } });
    await server.server.openDoor();
    const door = new SocketDoor({ path, user: { uid: uid!, gid: gid! }, warn: assert.fail });
    client = new HttpClient({ server: "https://127.0.0.1:1" }, { door });
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it("is served to our own client: objects, lists, refusals, watches", async () => {
    const made = await client.create(processes, processManifest("web"));
    assert.equal(made.metadata.name, "web");
    assert.equal((await client.list(processes)).items.length, 1);
    await assert.rejects(client.get(processes, "default/ghost"), { reason: "NotFound" });
    const stop = new AbortController();
    const { resourceVersion } = made.metadata;
    const seen: string[] = [];
    await client.patch(processes, "default/web", { type: "merge", body: { metadata: { labels: { a: "b" } } } });
    for await (const { type } of client.watch(processes, { resourceVersion, signal: stop.signal })) {
      seen.push(type);
      stop.abort();
    }
    assert.deepEqual(seen, ["MODIFIED"]);
  });

  it("is served to nobody else, who gets there although it is closed to him", needsRoot, async () => {
    for (const opened of [folder, path]) chmodSync(opened, 0o777);
    const ask = `${becomeUser(SOMEBODY)}require("http").get({ socketPath: ${JSON.stringify(path)}, path: ${JSON.stringify(processesPath)}, headers: { host: "wctl" } }, (answer) => console.log(answer.statusCode))`;
    const { stdout } = await run(process.execPath, ["-e", ask]).finally(() => chmodSync(folder, 0o700));
    assert.equal(stdout, "401\n");
  });

  it("has the caps of everybody: a flood costs its sender his own connections, and both ways still answer", async () => {
    let closed = 0;
    const flood: Socket[] = [];
    for (let n = 0; n < 10 * STRANGERS; n++) {
      flood.push(
        connect(path)
          .on("error", () => {})
          .on("close", () => closed++)
          .resume(),
      );
      if (n % STRANGERS === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => closed >= 9 * STRANGERS, "all but as many as strangers may have are closed");
    assert.equal((await server.ask("GET", processesPath)).code, 200);
    assert.equal((await client.list(processes)).items.length, 1);
    for (const socket of flood) socket.destroy();
  });
});
