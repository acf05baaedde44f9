/** The token of the `Upgrade` header: from the answer on, the connection carries messages as `FramedConnection` frames them. */
export const EXEC_PROTOCOL = "exec.wctl.dev";

/**
 * What each message is about. The first five and the last are those of Kubernetes' `v5.channel.k8s.io`, so that the same session can be carried by a
 * WebSocket too.
 */
export const channels = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  /** The last message of the server: an `ExecOutcome` as JSON. */
  outcome: 3,
  /** `{"Width": 80, "Height": 24}` */
  resize: 4,
  /**
   * From the server: how many more bytes of standard input it takes (32 bits, big-endian). Without it a program that does not read would keep the server
   * from noticing that the client has gone.
   */
  credit: 5,
  /** From the client: the number of the channel that has ended. */
  close: 255,
} as const;

/** Bytes of standard input that the client may send before any credit has come. */
export const FIRST_CREDIT = 64 * 1024;

export interface ExecMessage {
  channel: number;
  data: Uint8Array;
}

/** One side of an exec session, whatever carries the messages. */
export interface ExecConnection {
  /** Resolves when the other side keeps up, or has gone. */
  send(channel: number, data: Uint8Array): Promise<void> | undefined;
  /** Ends when the other side has ended; rejects when the connection breaks or what comes is no message. To be called once. */
  messages(): AsyncIterable<ExecMessage>;
  /** What was sent still arrives. */
  end(): void;
  /** At once. */
  destroy(): void;
}
