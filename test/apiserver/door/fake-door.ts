import { createConnection, type Server, type Socket } from "node:net";
import type { LocalDoor, Visitor } from "../../../apiserver/door/local-door.ts";

/** A door on the loopback, at which everybody is whom the test names. */
export class FakeDoor implements LocalDoor {
  readonly address = { socket: "/test/wctl.sock" };
  visitor: Visitor | undefined = { name: "uid 7", isAdministrator: true };
  isOpen = false;
  #port = 0;

  async open(server: Server): Promise<void> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#port = (server.address() as { port: number }).port;
    this.isOpen = true;
  }

  visitorOf(): Visitor | undefined {
    return this.visitor;
  }

  remove(): void {
    this.isOpen = false;
  }

  connect(): Socket {
    return createConnection(this.#port, "127.0.0.1").on("error", () => {});
  }

  /** All that is answered to these bytes, until the connection ends. */
  async say(bytes: string): Promise<string> {
    const socket = this.connect();
    socket.write(bytes);
    let answer = "";
    for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
    return answer;
  }

  /** One request, the last on its connection, with these headers beside. */
  async ask(
    what: string,
    headers: readonly string[] = ["Host: wctl"],
    body = "",
  ): Promise<{ code: number; body: string }> {
    const sized = body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`];
    const lines = [`${what} HTTP/1.1`, ...headers, ...sized, "Connection: close", "", body];
    const answer = await this.say(lines.join("\r\n"));
    return { code: Number(answer.slice(9, 12)), body: answer.slice(answer.indexOf("\r\n\r\n") + 4) };
  }
}
