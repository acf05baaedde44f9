import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { silentLogger } from "../../../../lib/logger.ts";
import { UnixDoor } from "../../../../runtime/posix/door/unix-door.ts";
import { becomeUser } from "../../../become-user.ts";

const isRoot = process.geteuid?.() === 0;
const SOMEBODY = 65_533;

describe("UnixDoor", () => {
  const root = mkdtempSync(join(tmpdir(), "door-"));
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
    rmSync(root, { recursive: true });
  });
  let folders = 0;
  const folder = (): string => {
    const made = join(root, String(folders++));
    mkdirSync(made, { mode: 0o700 });
    return made;
  };
  const open = async (dataDir: string): Promise<{ door: UnixDoor; path: string; server: Server }> => {
    const door = new UnixDoor(dataDir);
    const server = createServer();
    servers.push(server);
    await door.open(server);
    return { door, path: join(dataDir, "wctl.sock"), server };
  };
  const visitor = async (server: Server): Promise<Socket> => (await once(server, "connection"))[0];

  it("is a socket for its user alone, whatever the umask is, and goes when it is removed", async () => {
    const before = process.umask(0);
    const { door, path, server } = await open(folder()).finally(() => process.umask(before));
    assert.ok(lstatSync(path).isSocket());
    assert.equal(lstatSync(path).mode & 0o777, 0o600);
    assert.deepEqual(door.address, { socket: path });
    await new Promise((resolve) => server.close(resolve));
    door.remove();
    assert.throws(() => lstatSync(path), { code: "ENOENT" });
  });

  for (const [what, leave] of [
    ["the socket of a daemon that was killed", (path: string) => void createServer().listen(path).unref()],
    ["a file", (path: string) => writeFileSync(path, "")],
    ["a link, and not what it leads to", (path: string) => symlinkSync("/dev/null", path)],
  ] as const) {
    it(`takes the place of ${what}`, async () => {
      const dataDir = folder();
      leave(join(dataDir, "wctl.sock"));
      leave(join(dataDir, "wctl.new"));
      const { path, server } = await open(dataDir);
      assert.ok(lstatSync(path).isSocket());
      assert.ok(lstatSync("/dev/null").isCharacterDevice());
      const coming = visitor(server);
      connect(path).end();
      (await coming).destroy();
    });
  }

  it("says as which user somebody has connected", async () => {
    const { door, path, server } = await open(folder());
    const coming = visitor(server);
    const client = connect(path);
    const socket = await coming;
    const uid = process.geteuid!();
    assert.deepEqual(door.visitorOf(socket), { name: `uid ${uid}`, isAdministrator: true });
    client.destroy();
    socket.destroy();
    assert.equal(door.visitorOf(socket), undefined, "a connection that has ended is nobody's");
  });

  it("knows nobody who has come over the network", async () => {
    const { door } = await open(folder());
    const server = createServer();
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const coming = visitor(server);
    const client = connect((server.address() as { port: number }).port, "127.0.0.1");
    const socket = await coming;
    assert.equal(door.visitorOf(socket), undefined);
    client.destroy();
    socket.destroy();
  });

  it("tells another user from its own, who got there although it is closed to him", {
    skip: isRoot ? false : "only root can become another user",
  }, async () => {
    const dataDir = folder();
    const { door, path, server } = await open(dataDir);
    for (const opened of [root, dataDir, path]) chmodSync(opened, 0o777);
    const coming = visitor(server);
    const program = `${becomeUser(SOMEBODY)}require("net").connect(${JSON.stringify(path)}).on("data", () => process.exit(0))`;
    const child = execFile(process.execPath, ["-e", program]);
    const socket = await coming;
    assert.deepEqual(door.visitorOf(socket), { name: `uid ${SOMEBODY}`, isAdministrator: false });
    socket.end("seen");
    await once(child, "exit");
    chmodSync(root, 0o700);
  });

  it("is none where its path is too long for a socket", () => {
    const told: string[] = [];
    const logger = { ...silentLogger, info: (message: string) => told.push(message) };
    assert.equal(UnixDoor.in(`/${"x".repeat(96)}`, logger)?.address.socket.length, 107);
    assert.equal(UnixDoor.in(`/${"x".repeat(97)}`, logger), undefined);
    assert.equal(UnixDoor.in(`/${"é".repeat(50)}`, logger), undefined, "bytes count, not letters");
    assert.match(told.join(), /too long/);
  });

  it("rejects where it can't be opened", async () => {
    await assert.rejects(new UnixDoor(join(root, "missing")).open(createServer()), { code: "EACCES" });
  });
});
