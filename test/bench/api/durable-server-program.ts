/**
 * The least that can acknowledge a durable, audited write over HTTPS: `node durable-server-program.ts`, started with an IPC channel. It is told a DurableOrder and
 * says at which port. What is PUT becomes a row of SQLite, committed by a thread of its own as the daemon's store does; a line is appended to a file before it and
 * one after it, and the first is synced beside the commit.
 */
import { fdatasync, openSync, write } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

export interface DurableOrder {
  /** Where it writes. */
  folder: string;
  /** Of the server, and whose certificates its clients have: PEM. */
  key: string;
  cert: string;
  ca: string;
}

/** As store/sqlite/sqlite-file.ts. */
const PRAGMAS = `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
  PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY`;
/** As long as those of the daemon. */
const LINE = `${"x".repeat(600)}\n`;

interface Row {
  path: string;
  json: string;
}

function commitRows(folder: string): void {
  const database = new DatabaseSync(join(folder, "floor.db"));
  database.exec(`${PRAGMAS}; CREATE TABLE versions (revision INTEGER PRIMARY KEY, path TEXT, json TEXT)`);
  const insert = database.prepare("INSERT INTO versions (path, json) VALUES (?, ?)");
  parentPort!.on("message", ({ path, json }: Row) => {
    database.exec("BEGIN IMMEDIATE");
    insert.run(path, json);
    database.exec("COMMIT");
    parentPort!.postMessage("committed");
  });
}

function serve({ folder, key, cert, ca }: DurableOrder): void {
  const store = new Worker(import.meta.filename, { workerData: folder, execArgv: ["--no-warnings"] });
  const waiting: (() => void)[] = [];
  store.on("message", () => waiting.shift()?.());
  const commit = (row: Row): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      store.postMessage(row);
    });
  const audit = openSync(join(folder, "floor-audit.log"), "a");
  const append = promisify(write) as (fd: number, text: string) => Promise<unknown>;
  const sync = promisify(fdatasync);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const json = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    await append(audit, LINE);
    const synced = sync(audit);
    await commit({ path: request.url ?? "", json });
    await Promise.all([append(audit, LINE), synced]);
    const body = Buffer.from(json);
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
    response.end(body);
  }
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    void answer(request, response);
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

if (isMainThread) process.once("message", serve);
else commitRows(workerData as string);
