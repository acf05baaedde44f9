import { connect } from "node:net";
import { dialError, joinHostPort } from "./dial-error.ts";
import type { ProbeAction } from "./probe-action.ts";
import { type ProbeHost, probeHost } from "./probe-host.ts";
import { failure, success, timedOut } from "./probe-results.ts";
import type { ProbeResult, ProbeSpec } from "./prober.ts";

/** Healthy when the port can be opened (kubelet's `pkg/probe/tcp`); nothing is sent, and the connection is closed at once. */
export class TcpProbe implements ProbeAction {
  readonly #host: string;
  readonly #port: number;
  readonly #allowRemoteHosts: boolean;

  constructor({ host = "127.0.0.1", port }: NonNullable<ProbeSpec["tcpSocket"]>, allowRemoteHosts: boolean) {
    this.#host = host;
    this.#port = port;
    this.#allowRemoteHosts = allowRemoteHosts;
  }

  async run(signal: AbortSignal): Promise<ProbeResult> {
    const host = probeHost(this.#host, this.#allowRemoteHosts);
    const address = joinHostPort(this.#host, this.#port);
    try {
      await open(host, this.#port, signal);
      return success();
    } catch (error) {
      if (signal.aborted && signal.reason !== timedOut) throw error;
      return failure(signal.aborted ? `dial tcp ${address}: i/o timeout` : dialError(error, address));
    }
  }
}

function open({ name, lookup }: ProbeHost, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: name, port, lookup });
    const onAbort = (): void => void socket.destroy(new Error("aborted"));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => {
      resolve();
      socket.destroy();
    });
    socket.on("error", reject);
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
  });
}
