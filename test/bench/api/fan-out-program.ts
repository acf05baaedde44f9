/**
 * The least that can tell a thousand watchers: a bare TLS server that does nothing but send ready-made bytes: `node fan-out-program.ts`, started with an IPC channel.
 * It is told a FanOutOrder and says at which port. Whoever sends GET watches; what is POSTed is answered at once and told to all who watch, in an event as long as
 * the daemon's, with nothing in it but the stamp.
 */
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

export interface FanOutOrder {
  /** Of the server: PEM. */
  key: string;
  cert: string;
  /** Bytes of an event. */
  size: number;
  /** All that happened in so many milliseconds leaves in one piece; 0: each event by itself. */
  everyMs: number;
}

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
const ANSWER = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
const STAMP = /"sent":"\d+"/;

const watchers: TLSSocket[] = [];
let waiting: string[] = [];

/** One chunk, the same bytes for all. */
function tellAll(): void {
  if (waiting.length === 0) return;
  const lines = waiting.join("");
  waiting = [];
  const chunk = Buffer.from(`${lines.length.toString(16)}\r\n${lines}\r\n`);
  for (const watcher of watchers) watcher.write(chunk);
}

function serve(socket: TLSSocket, { size, everyMs }: FanOutOrder): void {
  let received = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (received.startsWith("GET")) {
      received = "";
      watchers.push(socket);
      return void socket.write(HEAD);
    }
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
    if (received.length < end + 4 + length) return;
    socket.write(ANSWER);
    const [stamp] = STAMP.exec(received) ?? [""];
    received = "";
    waiting.push(`{${stamp}`.padEnd(size - 2, " ") + "}\n");
    if (everyMs === 0) tellAll();
  });
}

process.on("message", (order: FanOutOrder) => {
  const server = createServer({ key: order.key, cert: order.cert, ALPNProtocols: ["http/1.1"] }, (socket) =>
    serve(socket.setNoDelay(true), order),
  );
  if (order.everyMs > 0) setInterval(tellAll, order.everyMs);
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
});
