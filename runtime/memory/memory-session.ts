import { Readable, Writable } from "node:stream";
import type { ExecEnd, ExecSession } from "../../api/exec/exec-session.ts";
import type { ExecResult } from "../runtime.ts";

/** A session whose command prints what `result` says. What it reads goes nowhere. */
export function memorySession(result: Promise<ExecResult>, { stdin }: { stdin: boolean }): ExecSession {
  const { promise: closed, resolve: close } = Promise.withResolvers<ExecEnd>();
  const done = result.then(({ code }): ExecEnd => (code === undefined ? { signal: "SIGKILL" } : { code }));
  const printed = async function* (): AsyncGenerator<Buffer> {
    const { output } = await result;
    if (output !== "") yield Buffer.from(output);
  };
  return {
    ...(stdin && { stdin: new Writable({ write: (_chunk, _encoding, written) => written() }) }),
    stdout: Readable.from(printed()),
    stderr: Readable.from([]),
    ended: Promise.race([done, closed]),
    resize: () => {},
    close: async () => close({ signal: "SIGKILL" }),
  };
}
