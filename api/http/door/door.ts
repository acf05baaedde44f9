import type { Duplex } from "node:stream";

/** A way into the daemon of this machine without TLS. One body for each system. */
export interface Door {
  /** For people: where it is. */
  readonly name: string;
  /**
   * A connection, on which nothing was said yet. Undefined: nobody is there, or it is not proved that it is the daemon; then HTTPS will do, which proves
   * itself. Never rejects.
   */
  connect(): Promise<Duplex | undefined>;
}
