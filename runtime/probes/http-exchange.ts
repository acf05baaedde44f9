import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Cut } from "./http-faults.ts";
import { type Answer, ResponseReader } from "./http-response.ts";
import type { ProbeHost } from "./probe-host.ts";

const MAX_BODY = 10 * 1024;

/** The head of an answer was read, but its body could not be. */
export class BodyError extends Error {
  readonly status: number;

  constructor(status: number, options: ErrorOptions) {
    super("reading body", options);
    this.status = status;
  }
}

/**
 * Sends a request on a connection of its own and reads the answer, up to 10 KiB of its body. Rejects with what failed: the system's or OpenSSL's
 * error, Malformed or Cut, or BodyError once the head was read; also when the signal is aborted.
 */
export function exchange(url: URL, request: string, { name, lookup }: ProbeHost, signal: AbortSignal): Promise<Answer> {
  const isTls = url.protocol === "https:";
  const address = { host: name, port: portOf(url), lookup };
  const servername = isIP(name) ? "" : name;
  const reader = new ResponseReader(MAX_BODY);
  return new Promise((resolve, reject) => {
    const socket: Socket = isTls
      ? connectTls({ ...address, servername, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] })
      : connect(address);
    const fail = (error: unknown): void => {
      const { soFar } = reader;
      reject(soFar ? new BodyError(soFar.status, { cause: error }) : error);
      socket.destroy();
    };
    const read = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        fail(error);
        return;
      }
      if (!reader.answer) return;
      resolve(reader.answer);
      socket.destroy();
    };
    const onAbort = (): void => fail(new Error("aborted"));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", fail);
    socket.on("data", (bytes: Buffer) => read(() => reader.feed(bytes)));
    socket.once("end", () => read(() => reader.end()));
    socket.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      fail(new Cut("EOF")); // When nothing else was said before.
    });
    socket.write(request, "utf8");
  });
}

export const portOf = (url: URL): number => Number(url.port) || (url.protocol === "https:" ? 443 : 80);
