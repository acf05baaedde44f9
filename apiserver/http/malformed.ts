import type { Duplex } from "node:stream";
import { StatusError } from "../../api/errors.ts";

const refusals: ReadonlyMap<string, readonly [number, string]> = new Map([
  ["HPE_HEADER_OVERFLOW", [431, "Request Header Fields Too Large"]],
  ["ERR_HTTP_REQUEST_TIMEOUT", [408, "Request Timeout"]],
] as const);

/** Bytes that are no HTTP get a Status too, then the connection ends: what follows on it cannot be trusted. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [code, phrase] = refusals.get(error.code ?? "") ?? [400, "Bad Request"];
  const status = new StatusError("BadRequest", `malformed HTTP request: ${phrase}`, { code }).toStatus();
  const body = `${JSON.stringify(status)}\n`;
  socket.end(
    `HTTP/1.1 ${code} ${phrase}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
