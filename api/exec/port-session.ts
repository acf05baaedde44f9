import type { Duplex } from "node:stream";

/** Connections to the ports of an Instance. Whoever opened it closes it. */
export interface PortSession {
  /** Rejects with an Error whose message a person reads: the port is none of the Instance's, or nothing of it answers there. */
  connect(port: number): Promise<Duplex>;
  /** What it has connected ends too. */
  close(): void;
}
