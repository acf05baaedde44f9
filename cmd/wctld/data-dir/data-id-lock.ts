import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { readOrCreateDataId } from "../../../runtime/data-id.ts";
import { readRunKey } from "../../../runtime/runs/run-proofs.ts";

export class DataIdInUse extends Error {
  override readonly name = "DataIdInUse";
}

/** What the holder of a name says to whoever asks, after its proof. */
interface Holder {
  pid: number;
  dataDir: string;
}

const NONCE_BYTES = 32;
const PROOF_BYTES = 32;
const MOST_BYTES = 8_192;
const ANSWER_MS = 2_000;
const ATTEMPTS = 5;

/**
 * One daemon on this machine for each data id: whoever copies a data directory copies its id, and by it workloads are known. The lock is the name of an
 * abstract socket (Windows: of a pipe), which the system takes back however the daemon ends. Any local user may take a name, so a name that is taken
 * proves nothing: the holder must show that it has the key of the data directory. One that does not is told of, and keeps nobody from starting.
 */
export class DataIdLock {
  readonly #server: Server;
  /** Who has our name without being one of us. Then there is no lock. */
  readonly squatted: string | undefined;

  private constructor(server: Server, squatted?: string) {
    this.#server = server;
    this.squatted = squatted;
  }

  /** Rejects with DataIdInUse while another daemon with this data id runs here. Makes the id and the key when they are missing. */
  static async acquire(dataDir: string): Promise<DataIdLock> {
    const key = createHmac("sha256", readRunKey(dataDir)).update("data id lock").digest();
    const name = nameOf(key, readOrCreateDataId(dataDir));
    const server = createServer({ allowHalfOpen: true }, (socket) =>
      answer(socket, key, { pid: process.pid, dataDir }),
    );
    server.maxConnections = 16;
    server.unref();
    // Asked first, because not every system refuses a second pipe of one name (Wine does not).
    for (let attempt = 1; ; attempt++) {
      const holder = await ask(name, key);
      if (!(holder instanceof Error)) {
        throw new DataIdInUse(
          `the daemon with pid ${holder.pid} on ${holder.dataDir} has the same data id, and two daemons must not own one set of processes; stop it first`,
        );
      }
      if (!("code" in holder)) return new DataIdLock(server, holder.message);
      const problem = await listen(server, name);
      if (problem === undefined) return new DataIdLock(server);
      if (problem.code !== "EADDRINUSE" && problem.code !== "EACCES") throw problem;
      if (attempt === ATTEMPTS) return new DataIdLock(server, holder.message);
      await after(20 * attempt); // Somebody took it just now, or is ending.
    }
  }

  release(): void {
    this.#server.close();
  }
}

/** Nobody can guess it before it is taken. Linux' abstract names leave no file. */
function nameOf(key: Buffer, dataId: string): string {
  const name = `wctl-${createHmac("sha256", key).update(dataId).digest("hex").slice(0, 32)}`;
  return process.getuid === undefined ? `\\\\.\\pipe\\${name}` : `\0${name}`;
}

function listen(server: Server, name: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(name, () => {
      server.off("error", resolve);
      resolve(undefined);
    });
  });
}

const proofOf = (key: Buffer, nonce: Buffer, said: string): Buffer =>
  createHmac("sha256", key).update(nonce).update(said).digest();

/** A nonce in, the proof and who we are out; whoever is slow or says more is dropped. */
function answer(socket: Socket, key: Buffer, holder: Holder): void {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  socket.unref();
  collect(socket, NONCE_BYTES, (nonce) => {
    const said = JSON.stringify(holder);
    socket.end(Buffer.concat([proofOf(key, nonce, said), Buffer.from(said)]), () => socket.destroy());
  });
}

function collect(socket: Socket, bytes: number, whole: (all: Buffer) => void): void {
  let all = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    all = Buffer.concat([all, chunk]);
    if (all.length > bytes) return socket.destroy();
    if (all.length === bytes) whole(all);
    return undefined;
  });
}

/** Resolves with who holds the name, or with why that is nobody of ours. */
function ask(name: string, key: Buffer): Promise<Holder | Error> {
  const nonce = randomBytes(NONCE_BYTES);
  return new Promise((resolve) => {
    const socket = connect(name, () => socket.write(nonce));
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (result: Holder | Error): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(ANSWER_MS, () => done(new Error("it does not answer")));
    socket.on("error", done);
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MOST_BYTES) done(new Error("it has no proof"));
    });
    socket.on("close", () => done(verified(Buffer.concat(chunks), nonce, key)));
  });
}

function verified(all: Buffer, nonce: Buffer, key: Buffer): Holder | Error {
  const said = all.subarray(PROOF_BYTES).toString("utf8");
  const proof = all.subarray(0, PROOF_BYTES);
  const isOurs = proof.length === PROOF_BYTES && timingSafeEqual(proof, proofOf(key, nonce, said));
  return isOurs ? (JSON.parse(said) as Holder) : new Error("it has no proof");
}
