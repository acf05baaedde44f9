import type { ExecOptions, ExecResult } from "../runtime.ts";
import type { ProbeAction } from "./probe-action.ts";
import { failure, success, timedOut } from "./probe-results.ts";
import type { ProbeResult } from "./prober.ts";

/** As kubelet: no more of a command's output is kept. */
const MAX_OUTPUT = 10 * 1024;
/** As kubelet's `maxProbeRetries`. */
const TRIES = 3;

/**
 * Healthy when the command exits with 0 (kubelet's `pkg/probe/exec`). On a timeout the Runtime ends the command's tree. Should that take long, the
 * probe has failed already; until the first command is gone, it fails again without starting a second one.
 */
export class ExecProbe implements ProbeAction {
  readonly #options: ExecOptions;
  readonly #exec: (options: ExecOptions) => Promise<ExecResult>;
  readonly #late: ProbeResult;
  #running: Promise<ExecResult> | undefined;

  constructor(command: readonly string[], timeoutMs: number, exec: (options: ExecOptions) => Promise<ExecResult>) {
    this.#options = { timeoutMs, maxOutput: MAX_OUTPUT };
    this.#exec = exec;
    this.#late = failure(`command ${JSON.stringify(command.join(" "))} timed out`);
  }

  async run(signal: AbortSignal): Promise<ProbeResult> {
    if (this.#running !== undefined) return this.#late;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(signal);
      } catch (error) {
        if (tries === TRIES || signal.aborted) throw error;
      }
    }
  }

  async #once(signal: AbortSignal): Promise<ProbeResult> {
    const running = this.#exec(this.#options);
    this.#running = running;
    const over = (): void => {
      this.#running = undefined;
    };
    running.then(over, over);
    const result = await Promise.race([running, aborted(signal)]);
    if (result === undefined || result.timedOut) return this.#late;
    return result.code === 0 ? success(result.output) : failure(result.output.trimEnd() || unspoken(result));
  }
}

/** Kubelet shows an empty message here; we say why it failed. */
const unspoken = ({ code }: ExecResult): string =>
  code === undefined ? "command was ended by a signal" : `command exited with code ${code}`;

/** Resolves when the time is over. Rejects when nobody waits any more. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => (signal.reason === timedOut ? resolve(undefined) : reject(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
