import type { Opened } from "./ask.ts";
import { eventFaults } from "./judge.ts";
import type { Drawn } from "./requests.ts";

/** An answer that goes on, and what came of it so far. */
export class LeftOpen {
  readonly response: Opened;
  readonly drawn: Drawn;
  readonly n: number;
  #text = "";

  constructor(response: Opened, drawn: Drawn, n: number) {
    this.response = response;
    this.drawn = drawn;
    this.n = n;
    response.on("error", () => {});
    response.on("data", (chunk: Buffer) => (this.#text += chunk.toString("latin1")));
  }

  faults(): string[] {
    const { operation, query } = this.drawn;
    if (operation?.action !== "list" || this.response.headers["content-type"] !== "application/json") return [];
    if (query.get("watch") === null || this.response.headers["content-encoding"]) return [];
    const whole = Buffer.from(this.#text, "latin1").toString("utf8").split("\n").slice(0, -1);
    return whole.flatMap((line) => eventFaults(line, operation));
  }
}
