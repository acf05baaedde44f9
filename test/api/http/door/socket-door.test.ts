import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { SocketDoor } from "../../../../api/http/door/socket-door.ts";

const me = { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
const needsPosix = { skip: me.uid === -1 ? "Windows has no such sockets, and no modes" : false };
const needsRoot = { skip: me.uid === 0 ? false : "only root can give a file away" };
const SOMEBODY = 65_533;

describe("SocketDoor", needsPosix, () => {
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
  /** A socket in a folder for us alone. */
  const daemon = async (at = folder()): Promise<{ at: string; path: string; connections: () => number }> => {
    const path = join(at, "wctl.sock");
    let count = 0;
    const server = createServer((socket) => {
      count++;
      socket.destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    chmodSync(path, 0o600);
    return { at, path, connections: () => count };
  };
  const open = async (path: string, user = me): Promise<{ isOpen: boolean; told: string[] }> => {
    const told: string[] = [];
    const door = new SocketDoor({ path, user, warn: (text) => told.push(text) });
    const first = await door.connect();
    const second = await door.connect();
    assert.equal(first === undefined, second === undefined);
    first?.destroy();
    second?.destroy();
    return { isOpen: first !== undefined, told };
  };
  /** Nothing is said to it, and one line says why. */
  const refuses = async (path: string, why: RegExp, user = me): Promise<void> => {
    const { isOpen, told } = await open(path, user);
    assert.equal(isOpen, false);
    assert.equal(told.length, 1, "told once");
    assert.match(told[0]!, /^WARNING: the local door is not used, HTTPS is: /);
    assert.match(told[0]!, why);
  };

  it("opens where only we and root can have put the socket", async () => {
    const { path } = await daemon();
    assert.deepEqual(await open(path), { isOpen: true, told: [] });
  });

  it("is shut, without a word, where nothing is, nobody listens, or we see nothing", async () => {
    const { at } = await daemon();
    const killed = createServer();
    await new Promise<void>((resolve) => killed.listen(join(at, "first"), resolve));
    const left = join(at, "left");
    renameSync(join(at, "first"), left);
    await new Promise((resolve) => killed.close(resolve));
    for (const path of [join(root, "missing", "wctl.sock"), join(at, "missing"), join(at, "wctl.sock", "x"), left])
      assert.deepEqual(await open(path), { isOpen: false, told: [] }, path);
  });

  it("is not a link, wherever that leads", async () => {
    const { path } = await daemon();
    const link = join(folder(), "wctl.sock");
    symlinkSync(path, link);
    await refuses(link, /is no socket, but a link$/);
  });

  it("is not a file", async () => {
    const path = join(folder(), "wctl.sock");
    writeFileSync(path, "");
    await refuses(path, /is no socket$/);
  });

  it("is not in a folder that others may write to, nor below one", async () => {
    const inside = await daemon();
    chmodSync(inside.at, 0o777);
    await refuses(inside.path, /can be written by others$/);
    assert.equal(inside.connections(), 0);
    const above = folder();
    mkdirSync(join(above, "data"), { mode: 0o700 });
    const below = await daemon(join(above, "data"));
    chmodSync(above, 0o707);
    await refuses(below.path, /can be written by others$/);
    chmodSync(above, 0o700);
    assert.deepEqual(await open(below.path), { isOpen: true, told: [] });
  });

  it("is not somebody else's: a folder of his, or a socket that he put into ours", needsRoot, async () => {
    const theirs = await daemon();
    chownSync(theirs.at, SOMEBODY, SOMEBODY);
    await refuses(theirs.path, new RegExp(`belongs to another user \\(uid ${SOMEBODY}\\)$`));
    const squatted = await daemon();
    lchownSync(squatted.path, SOMEBODY, SOMEBODY);
    await refuses(squatted.path, new RegExp(`belongs to uid ${SOMEBODY}, and its folder to uid 0$`));
    assert.equal(theirs.connections() + squatted.connections(), 0);
  });

  it("is not below a folder through which a link of somebody else leads", needsRoot, async () => {
    const { at } = await daemon();
    const link = join(root, "link");
    symlinkSync(at, link);
    assert.deepEqual(await open(join(link, "wctl.sock")), { isOpen: true, told: [] });
    lchownSync(link, SOMEBODY, SOMEBODY);
    await refuses(join(link, "wctl.sock"), /belongs to another user/);
  });
});
