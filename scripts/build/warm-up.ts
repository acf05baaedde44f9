import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DOOR_SOCKET, type DoorAddress, doorPipe, pipePath } from "../../api/http/door/door-address.ts";
import { writeAdminKubeconfig } from "../../apiserver/pki/admin-kubeconfig.ts";

const table = {
  kind: "Table",
  apiVersion: "meta.k8s.io/v1",
  metadata: { resourceVersion: "1" },
  columnDefinitions: ["Name", "Ready", "Status"].map((name) => ({ name, type: "string", priority: 0 })),
  rows: [{ cells: ["web", "1/1", "Running"] }],
};
const web = { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "web", namespace: "default" } };
const manifest = `apiVersion: wctl.dev/v1
kind: Process
metadata:
  name: web
spec:
  command: /bin/sleep
  args: ["3600"]
`;

/**
 * Runs `wctl get` and `wctl apply` once, against a door at which everything is answered: what V8 compiles for them is what most commands need. `start` loads
 * the CLI, which then reads the command line.
 */
export async function warmUp(start: () => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wctl-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const door = doorIn(folder);
  const server = await answering("pipe" in door ? pipePath(door.pipe)! : door.socket);
  const path = join(folder, "admin.kubeconfig");
  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const admin = { cert: pem, key: pem };
  await writeAdminKubeconfig({ path, host: "pc", server: NOWHERE, ca: pem, admin, door });
  writeFileSync(join(folder, "web.yaml"), manifest);
  for (const words of [
    ["get", "processes"],
    ["apply", "-f", join(folder, "web.yaml")],
  ]) {
    process.argv = [process.execPath, "wctl", "--kubeconfig", path, ...words];
    process.exitCode = undefined;
    start();
    while (process.exitCode === undefined) await nextTurn();
  }
  process.exitCode = 0; // A machine on which the door is not trusted, or may not be opened, has a colder cache, and no other harm.
  server.close();
}

const doorIn = (folder: string): DoorAddress =>
  process.platform === "win32" ? { pipe: doorPipe(`build-${process.pid}`) } : { socket: join(folder, DOOR_SOCKET) };

const NOWHERE = "https://127.0.0.1:1";

/** Every request comes whole, on a connection of its own. */
async function answering(path: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (request) => {
      const body = JSON.stringify(request.includes("as=Table") ? table : web);
      socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((resolve) => server.once("error", () => resolve()).listen(path, resolve));
  return server;
}
