import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Process } from "../../api/types.generated.ts";
import { fixture } from "./win32-harness.ts";

const compiled = fileURLToPath(new URL("../../build/witness.exe", import.meta.url));

/** The smallest workload there is: compiled by the Windows lane, which has mingw; elsewhere a Node that does nothing. */
export const witness: { command: string; args: readonly string[] } = existsSync(compiled)
  ? { command: compiled, args: [] }
  : fixture("runs-forever");

/** Whether it writes its start into BENCH_LEDGER. */
export const canTestify = existsSync(compiled);

/** `replicas` of it, started and ended at once. */
export function witnessProcess(name: string, ledger: string, replicas = 1): Process {
  return {
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name, namespace: "default" },
    spec: {
      command: witness.command,
      args: [...witness.args],
      replicas,
      env: [
        { name: "BENCH_LEDGER", value: ledger },
        { name: "BENCH_ID", value: name },
      ],
      backoff: { initialSeconds: 0, maxSeconds: 0, resetAfterSeconds: 0 },
      stop: { signal: "None", gracePeriodSeconds: 1 },
    },
  };
}
