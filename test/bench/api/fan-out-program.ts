/**
 * The least that can tell a thousand watchers: a bare TLS server that does nothing but send ready-made bytes: `node fan-out-program.ts`, started with an IPC channel.
 * It is told a FanOutOrder and says at which port. Whoever sends GET watches; what is POSTed is answered at once and told to all who watch, in an event as long as
 * the daemon's, with nothing in it but the stamp.
 */

import { createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

export interface FanOutOrder {
  /** Of the server: PEM. */
  key: string;
  cert: string;
  /** Bytes of an event. */
  size: number;
  /** After all were told it rests for so long, and what happens until then leaves in one piece. Undefined: each event by itself. */
  restMs: number | undefined;
}

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
const ANSWER = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
const STAMP = /"sent":"\d+"/;

interface Watcher {
  write(bytes: Buffer): unknown;
}

const overHttp1: Watcher[] = [];
const overHttp2: Watcher[] = [];
let waiting: string[] = [];

/** The same bytes for all: over HTTP/1.1 as one chunk. */
function tellAll(): void {
  const lines = waiting.join("");
  waiting = [];
  const chunk = Buffer.from(`${lines.length.toString(16)}\r\n${lines}\r\n`);
  for (const watcher of overHttp1) watcher.write(chunk);
  const bytes = Buffer.from(lines);
  for (const watcher of overHttp2) watcher.write(bytes);
}

let isResting = false;

function tellInRounds(restMs: number): void {
  if (isResting || waiting.length === 0) return;
  isResting = true;
  tellAll();
  setTimeout(() => {
    isResting = false;
    tellInRounds(restMs);
  }, restMs);
}

function serve(socket: TLSSocket, { size, restMs }: FanOutOrder): void {
  let received = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (received.startsWith("GET")) {
      received = "";
      overHttp1.push(socket);
      return void socket.write(HEAD);
    }
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
    if (received.length < end + 4 + length) return;
    socket.write(ANSWER);
    const [stamp] = STAMP.exec(received) ?? [""];
    received = "";
    waiting.push(`${`{${stamp}`.padEnd(size - 2)}}\n`);
    if (restMs === undefined) tellAll();
    else tellInRounds(restMs);
  });
}

process.on("message", (order: FanOutOrder) => {
  const http2 = createHttp2();
  http2.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/json" });
    overHttp2.push(stream);
  });
  const { key, cert } = order;
  const server = createServer({ key, cert, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
    socket.setNoDelay(true);
    if (socket.alpnProtocol === "h2") http2.emit("connection", socket);
    else serve(socket, order);
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
});
