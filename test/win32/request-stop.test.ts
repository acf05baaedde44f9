import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StopSignal } from "../../runtime/runtime.ts";
import type { Win32Context } from "../../runtime/win32/context.ts";
import { requestStop } from "../../runtime/win32/tree/request-stop.ts";
import type { Win32Workload } from "../../runtime/win32/workload.ts";
import { recordingWinapi } from "./recording-winapi.ts";

/** A tree whose main process has ended; `console` are the members that Ctrl-C reaches, `strangers` what has got a member's number. */
async function ask(how: StopSignal, members: number[], console: number[], strangers: number[] = []) {
  const recording = recordingWinapi({ OpenProcess: (_access: number, _inherit: number, pid: number) => 1000 + pid });
  const sent: number[] = [];
  const send = async (pid: number): Promise<boolean> => {
    sent.push(pid);
    return console.includes(pid);
  };
  const context = { api: recording.api, consoleSender: { send } } as unknown as Win32Context;
  const job = { members: () => members, has: (handle: number) => !strangers.includes(handle - 1000) };
  const delivered = await requestStop(context, { job } as unknown as Win32Workload, how);
  const closed = recording.of("CloseHandle").length;
  return { delivered, sent, leaked: recording.of("OpenProcess").length - closed };
}

describe("what is left of a tree on Windows is asked to stop", () => {
  it("by Ctrl-C through the first member that has a console", async () => {
    assert.deepEqual(await ask("CtrlC", [5, 6, 7], [6, 7]), { delivered: true, sent: [5, 6], leaked: 0 });
  });

  it("and nobody else: a number that has become a stranger's is passed over (P4)", async () => {
    assert.deepEqual(await ask("SIGTERM", [5, 6], [5, 6], [5]), { delivered: true, sent: [6], leaked: 0 });
  });

  it("or not, when none has a console or nothing is left", async () => {
    assert.deepEqual(await ask("CtrlC", [5], []), { delivered: false, sent: [5], leaked: 0 });
    assert.deepEqual(await ask("CtrlC", [], []), { delivered: false, sent: [], leaked: 0 });
    assert.deepEqual(await ask("CtrlBreak", [5], [5]), { delivered: false, sent: [], leaked: 0 });
  });
});
