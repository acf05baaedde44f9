import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { describe, it } from "node:test";
import { pipePath } from "../../../api/http/door/door-address.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { DOOR_ACCESS, PipeDoor } from "../../../runtime/win32/door/pipe-door.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { loadWinapi } from "../../../runtime/win32/ffi/winapi.ts";
import { readDescriptor } from "../../../runtime/win32/security/security-descriptor.ts";
import { ADMINISTRATORS } from "../../../runtime/win32/security/sid.ts";
import { isWindows } from "../platform.ts";
import { recordingWinapi } from "../recording-winapi.ts";

const ID = "0123456789abcdef";
const PATH = `\\\\.\\pipe\\ProtectedPrefix\\Administrators\\wctl\\${ID}`;

/** Listens at once, as Node's own does at a pipe. */
class FakeServer extends EventEmitter {
  listening = false;
  listen(_path: string, told: () => void): void {
    this.listening = true;
    setImmediate(told);
  }
}

describe("the name of a door's pipe", () => {
  it("is one that only administrators can take", () => {
    assert.equal(pipePath(new PipeDoor(recordingWinapi().api, ID).address.pipe), PATH);
  });

  for (const name of [
    "wctl-0123456789abcdef",
    "ProtectedPrefix\\Administrators\\other\\0123",
    "ProtectedPrefix\\Administrators\\wctl\\..\\..\\..\\mine",
    "ProtectedPrefix\\Administrators\\wctl\\a/../../../mine",
    "ProtectedPrefix\\Administrators\\wctl\\",
    "..\\ProtectedPrefix\\Administrators\\wctl\\0123",
  ])
    it(`is not ${name}`, () => assert.equal(pipePath(name), undefined));
});

describe("PipeDoor", () => {
  it("is for administrators, once they run it as such", () => {
    const withGroup = (attributes: number) =>
      recordingWinapi({}, { own: { user: "S-1-5-21-1-2-3-1000", groups: [{ sid: ADMINISTRATORS, attributes }] } });
    const elevated = withGroup(c.SE_GROUP_ENABLED | 3);
    assert.ok(PipeDoor.of(elevated.api, ID, silentLogger));
    assert.deepEqual(elevated.open(), []);
    const denyOnly = 0x10;
    assert.equal(PipeDoor.of(withGroup(denyOnly).api, ID, silentLogger), undefined);
    assert.equal(PipeDoor.of(recordingWinapi().api, ID, silentLogger), undefined);
  });

  it("is closed to everybody else before a connection is looked at", async () => {
    const recording = recordingWinapi();
    const server = new FakeServer();
    const opened = new PipeDoor(recording.api, ID).open(server as unknown as Server);
    assert.equal(recording.of("CreateFileW")[0]![0], PATH);
    const [list] = recording.of("ConvertStringSecurityDescriptorToSecurityDescriptorW").map(([sddl]) => sddl);
    assert.equal(list, "D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)");
    assert.equal(recording.of("SetKernelObjectSecurity")[0]![1], 0x80000004);
    assert.deepEqual(recording.open(), []);
    await opened;
  });

  it("does not open when it can't be closed to others", async () => {
    const recording = recordingWinapi({ SetKernelObjectSecurity: () => 0 });
    const opening = new PipeDoor(recording.api, ID).open(new FakeServer() as unknown as Server);
    await assert.rejects(opening, { name: "Win32Error", message: /SetKernelObjectSecurity/ });
    assert.deepEqual(recording.open(), []);
  });

  it("does not open when it has been open to others, as a Node would leave it that listens later", async () => {
    const recording = recordingWinapi();
    const server = new FakeServer();
    server.listen = (_path, told) => void setImmediate(told);
    await assert.rejects(new PipeDoor(recording.api, ID).open(server as unknown as Server), /open to others/);
    assert.deepEqual(recording.of("CreateFileW"), []);
  });

  it("does not open where somebody has the name", async () => {
    const server = new FakeServer();
    server.listen = () =>
      void setImmediate(() => server.emit("error", Object.assign(new Error(), { code: "EADDRINUSE" })));
    const recording = recordingWinapi();
    await assert.rejects(new PipeDoor(recording.api, ID).open(server as unknown as Server), { code: "EADDRINUSE" });
    assert.deepEqual(recording.of("SetKernelObjectSecurity"), []);
  });
});

describe("a door on Windows", { skip: isWindows ? false : "needs Windows: make test-windows" }, () => {
  it("answers HTTP, and each of its instances has its access list, the first and the last", async () => {
    const api = loadWinapi();
    const door = new PipeDoor(api, `test-${process.pid}`);
    const path = pipePath(door.address.pipe)!;
    const server = createServer((_request, response) => response.end("said"));
    await door.open(server);
    const accessOf = (): unknown => {
      const pipe = api.CreateFileW(path, c.READ_CONTROL, 0, null, 3, 0, 0);
      const [bytes, needed] = [Buffer.alloc(1024), Buffer.alloc(4)] as const;
      assert.equal(api.GetKernelObjectSecurity(pipe, c.DACL_SECURITY_INFORMATION, bytes, bytes.length, needed), 1);
      api.CloseHandle(pipe);
      return readDescriptor(bytes).dacl?.map(({ type, sid }) => [type, sid]);
    };
    const wanted = [
      [1, "S-1-5-2"],
      [0, "S-1-5-18"],
      [0, ADMINISTRATORS],
    ];
    try {
      assert.deepEqual(accessOf(), wanted, DOOR_ACCESS);
      for (let visit = 0; visit < 6; visit++) {
        const [response] = await once(request({ socketPath: path, agent: false }).end(), "response");
        assert.equal((await response.toArray()).join(""), "said");
      }
      assert.deepEqual(accessOf(), wanted);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
