import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint } from "../../api/http/transport.ts";
import { loadKubeconfig, resolveKubeconfig } from "../../api/kubeconfig/kubeconfig.ts";
import { wellKnown } from "../../api/scheme.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { DaemonUnderTest, eventually, isAlive, startTimeOf } from "../e2e/daemon-under-test.ts";
import { Asker } from "./ask.ts";
import { type Footprint, footprintOf } from "./footprint.ts";
import { type Operation, readPublished } from "./published.ts";

const UNTOUCHED = "untouched";
export const editedNamespace = "fuzz-edit";

/** A daemon with programs that nobody may disturb, and with those who will ask it. */
export class World {
  readonly daemon: DaemonUnderTest;
  readonly admin: Asker;
  readonly operations: readonly Operation[];
  readonly #endpoint: Endpoint;
  #pids = new Map<number, string | undefined>();
  #base = new Set<string>();

  private constructor(daemon: DaemonUnderTest, endpoint: Endpoint, admin: Asker, operations: readonly Operation[]) {
    this.daemon = daemon;
    this.#endpoint = endpoint;
    this.admin = admin;
    this.operations = operations;
  }

  static async start(namespaces: readonly string[]): Promise<World> {
    const daemon = await DaemonUnderTest.start();
    const endpoint = await endpointIn(daemon.kubeconfig);
    const admin = new Asker(endpoint, "HTTP/1.1");
    const operations = await readPublished((path) => json(admin, "GET", path));
    const world = new World(daemon, endpoint, admin, operations);
    try {
      await world.#furnish(namespaces);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async #furnish(namespaces: readonly string[]): Promise<void> {
    for (const name of [...namespaces, editedNamespace, UNTOUCHED])
      await this.make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await this.#startUntouched();
    await this.#giveRights();
    this.#base = new Set(await this.inventory());
  }

  asAdmin(protocol: Asker["protocol"]): Asker {
    return new Asker(this.#endpoint, protocol);
  }

  /** Nobody, or who shows a token that is none. */
  asStranger(protocol: Asker["protocol"], token?: string): Asker {
    const { cert: _, key: _key, ...open } = this.#endpoint;
    return new Asker(token === undefined ? open : { ...open, token }, protocol);
  }

  /** With the role `edit` in one namespace. */
  async asEditor(protocol: Asker["protocol"]): Promise<Asker> {
    const { bytes } = await this.admin.ask({
      method: "POST",
      path: "/kubeconfigs?user=fz-editor",
      headers: {},
      body: undefined,
    });
    const file = join(this.daemon.dir, "editor.kubeconfig");
    writeFileSync(file, bytes);
    return new Asker(await endpointIn(file), protocol);
  }

  /** A ServiceAccount that may look at everything. */
  async asRobot(protocol: Asker["protocol"]): Promise<Asker> {
    const path = `/api/v1/namespaces/${UNTOUCHED}/serviceaccounts/default/token`;
    const { status } = await this.make(path, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    });
    return this.asStranger(protocol, (status as { token: string }).token);
  }

  async make(path: string, body: JsonObject): Promise<JsonObject> {
    return json(this.admin, "POST", path, body);
  }

  async #giveRights(): Promise<void> {
    const role = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });
    const apiVersion = "rbac.authorization.k8s.io/v1";
    await this.make(`/apis/${apiVersion}/namespaces/${editedNamespace}/rolebindings`, {
      apiVersion,
      kind: "RoleBinding",
      metadata: { name: "editor" },
      roleRef: role("edit"),
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "fz-editor" }],
    });
    await this.make(`/apis/${apiVersion}/clusterrolebindings`, {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: "robot" },
      roleRef: role("view"),
      subjects: [{ kind: "ServiceAccount", name: "default", namespace: UNTOUCHED }],
    });
  }

  async #startUntouched(): Promise<void> {
    await this.make(`/apis/wctl.dev/v1/namespaces/${UNTOUCHED}/processes`, {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "web" },
      spec: { command: "/bin/sleep", args: ["100000"], replicas: 2 },
    });
    const pids = await eventually("the programs that nobody touches run", async () => {
      const { items } = await json(this.admin, "GET", `/apis/wctl.dev/v1/namespaces/${UNTOUCHED}/instances`);
      const running = (items as { status?: { pid?: number } }[]).flatMap(({ status }) => status?.pid ?? []);
      return running.length === 2 ? running : undefined;
    });
    this.#pids = new Map(pids.map((pid) => [pid, startTimeOf(pid)]));
  }

  /** The same processes as in the beginning. */
  get isUntouched(): boolean {
    return [...this.#pids].every(([pid, startTime]) => isAlive(pid) && startTimeOf(pid) === startTime);
  }

  /** What the audit log says of who did something to them, or to what holds them. */
  get disturbances(): string[] {
    const lines = readFileSync(join(this.daemon.dataDir, "audit/audit.log"), "utf8").split("\n");
    const isDone = (line: string): boolean => line.includes('"ResponseComplete"') && /"code":2/.test(line);
    return lines.filter((line) => isDone(line) && /"requestURI":"[^"]*(untouched[^"]*|namespaces|nodes)"/.test(line));
  }

  /** Everything that can be listed, but Events, which go by themselves, and views of other objects. */
  async inventory(): Promise<string[]> {
    const deletable = new Set(this.operations.filter(({ method }) => method === "DELETE").map(({ path }) => path));
    const lists = this.operations.filter(
      ({ action, path }) => action === "list" && !path.includes("{") && !/\/(events|pods)$/.test(path),
    );
    const found: string[] = [];
    for (const { path } of lists) {
      const { items } = await json(this.admin, "GET", path);
      for (const { metadata } of items as { metadata: { name: string; namespace?: string } }[]) {
        const place =
          metadata.namespace === undefined ? path : path.replace(/\/([^/]+)$/, `/namespaces/${metadata.namespace}/$1`);
        const isDeletable = [...deletable].some((one) => one.endsWith(`/${path.split("/").at(-1)}/{name}`));
        if (isDeletable) found.push(`${place}/${encodeURIComponent(metadata.name)}`);
      }
    }
    return found;
  }

  /** Deletes whatever was not there in the beginning, also what somebody holds. Resolves when it is gone. */
  async clean(): Promise<void> {
    await eventually("all that was made is gone", async () => {
      const left = (await this.inventory()).filter((path) => !this.#base.has(path) && !isKept(path));
      for (const path of left) await this.#remove(path);
      return left.length === 0;
    });
  }

  /** Who holds it lets go, but for who stops a program, which does so when that has ended, or its node is gone for long. */
  async #remove(path: string): Promise<void> {
    const { bytes } = await this.admin.ask({ method: "GET", path, headers: {}, body: undefined });
    const held: string[] = JSON.parse(bytes.toString("utf8")).metadata?.finalizers ?? [];
    const finalizers = held.filter((one) => one === wellKnown.stopFinalizer);
    const body = Buffer.from(JSON.stringify({ metadata: { finalizers } }));
    const headers = { "content-type": "application/merge-patch+json" };
    if (finalizers.length < held.length) await this.admin.ask({ method: "PATCH", path, headers, body });
    await this.admin.ask({ method: "DELETE", path, headers: {}, body: undefined });
  }

  footprint(): Promise<Footprint> {
    const [program = 0] = this.#pids.keys();
    return footprintOf(this.daemon, this.admin, program);
  }

  async stop(): Promise<void> {
    this.admin.close();
    await this.daemon.dispose();
  }
}

/** What the programs that nobody touches brought with them, and what each Namespace is given again. */
const isKept = (path: string): boolean => path.includes(`/${UNTOUCHED}/`) || path.endsWith("/serviceaccounts/default");

async function endpointIn(path: string): Promise<Endpoint> {
  const { config } = await loadKubeconfig({ path });
  return resolveKubeconfig(config, {}).endpoint;
}

async function json(asker: Asker, method: string, path: string, body?: JsonObject): Promise<JsonObject> {
  const sent = body && Buffer.from(JSON.stringify(body));
  const { code, bytes } = await asker.ask({
    method,
    path,
    headers: { "content-type": "application/json" },
    body: sent,
  });
  const said: unknown = code < 300 ? JSON.parse(bytes.toString("utf8")) : undefined;
  if (!isObject(said)) throw new Error(`${method} ${path}: ${code} ${bytes.toString("utf8").slice(0, 500)}`);
  return said;
}
