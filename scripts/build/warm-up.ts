import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOOR_SOCKET } from "../../api/http/door/door-address.ts";
import { writeAdminKubeconfig } from "../../apiserver/pki/admin-kubeconfig.ts";

const table = JSON.stringify({
  kind: "Table",
  apiVersion: "meta.k8s.io/v1",
  metadata: { resourceVersion: "1" },
  columnDefinitions: ["Name", "Ready", "Status"].map((name) => ({ name, type: "string", priority: 0 })),
  rows: [{ cells: ["web", "1/1", "Running"] }],
});
const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${table.length}\r\n\r\n${table}`;

/**
 * Runs `wctl get` once, against a door at which everything is answered with one table: what V8 compiles for it is what each command needs. `start` loads
 * the CLI, which then reads the command line. The caller's process ends by itself afterwards.
 */
export async function warmUp(start: () => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wctl-"));
  process.once("exit", () => {
    process.exitCode = 0; // A machine on which the door is not trusted has a colder cache, and no other harm.
    rmSync(folder, { recursive: true });
  });
  const door = { socket: join(folder, DOOR_SOCKET) };
  const server = createServer((socket) => {
    server.close();
    socket.on("error", () => {}).once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(door.socket, resolve));
  server.unref();
  const path = join(folder, "admin.kubeconfig");
  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const admin = { cert: pem, key: pem };
  await writeAdminKubeconfig({ path, host: "pc", server: "https://127.0.0.1:1", ca: pem, admin, door });
  process.env.KUBECONFIG = path;
  process.argv = [process.execPath, "wctl", "get", "processes"];
  start();
}
