import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { Accounts } from "../../../runtime/win32/accounts/accounts.ts";
import { NEEDED } from "../../../runtime/win32/accounts/privileges.ts";
import { callsInThisThread } from "../../../runtime/win32/blocking-calls.ts";
import { tokenConstants as c } from "../../../runtime/win32/ffi/token-constants.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { type Answers, luidOf, recordingWinapi } from "../recording-winapi.ts";
import { ANNA } from "./fake-accounts.ts";

describe("a daemon that begins", () => {
  const begin = (own: string, answers: Answers) => {
    const said: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (message, fields) => void said.push(message, fields) };
    const recording = recordingWinapi(answers, { own: { user: own } });
    const { api } = recording;
    new Accounts({ api, slow: callsInThisThread(api), clock: new FakeClock(), logger });
    assert.deepEqual(recording.open(), []);
    return { recording, said };
  };

  it("enables what it needs, one privilege after the other, and is quiet when it has all", () => {
    const { recording, said } = begin("S-1-5-18", {});
    const states = recording.of("AdjustTokenPrivileges").map((args) => args[2] as Buffer);
    assert.deepEqual(
      states.map((state) => [state.readUInt32LE(0), state.readBigUInt64LE(4), state.readUInt32LE(12)]),
      Object.keys(NEEDED).map((name) => [1, luidOf(name), c.SE_PRIVILEGE_ENABLED]),
    );
    assert.deepEqual(said, []);
  });

  it("as the service says in its log which are missing, and what for", () => {
    const { said } = begin("S-1-5-18", { GetLastError: () => c.ERROR_NOT_ALL_ASSIGNED });
    assert.match(String(said[0]), /lacks privileges.*wctl service install/);
    assert.match(JSON.stringify(said[1]), /SeTcbPrivilege \(to log on virtual accounts/);
  });

  it("as somebody else misses nothing", () => {
    assert.deepEqual(begin(ANNA, { GetLastError: () => c.ERROR_NOT_ALL_ASSIGNED }).said, []);
  });
});
