import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { HttpClient } from "../../../../api/http/http-client.ts";
import { gitSources } from "../../../../api/scheme.ts";
import { verbs } from "../../../../cmd/wctl/verb-table.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";
import { Desk } from "../desk.ts";
import { runWords } from "../run-words.ts";
import { ScriptedServer } from "../scripted-server.ts";

let desk: Desk;
let folder: string;
before(async () => {
  desk = await Desk.open();
  const web = await desk.process("web");
  await desk.process("db");
  await desk.process("far", {}, undefined, { namespace: "kube-node-lease" });
  await desk.instance(web, 0);
  await desk.client.create(gitSources, {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name: "fleet", namespace: "default" },
    spec: { url: "https://git.example.com/fleet.git" },
  });
  folder = await mkdtemp(join(tmpdir(), "wctl-complete-"));
  const contexts = ["dev", "prod", "bad\nname"].map((name) => ({ name, context: { cluster: "c", user: "u" } }));
  const config = { apiVersion: "v1", kind: "Config", contexts, clusters: [{ name: "c", cluster: {} }], users: [] };
  await writeFile(join(folder, "config"), JSON.stringify(config), { mode: 0o600 });
});
after(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is offered after these words, the last of which is being typed (`|` stands for one that has no letter yet). */
async function offered(line: string): Promise<string[]> {
  const words = line.split(" ").map((word) => (word === "|" ? "" : word));
  const typed = ["__complete", `=${words.at(-1)}`, ...words.slice(0, -1)];
  const { code, out, err } = await desk.wctl(typed, { env: { KUBECONFIG: join(folder, "config") } });
  assert.deepEqual([code, err], [0, ""]);
  return out
    .split("\n")
    .slice(0, -1)
    .map((one) => one.split("\t")[0]!);
}

describe("what Tab offers", () => {
  const lines: [line: string, words: string][] = [
    ["rollo", "rollout"],
    ["rollout |", "history pause restart resume status undo"],
    ["rollout st", "status"],
    ["create |", "configmap namespace secret"],
    ["create secret |", "generic tls"],
    ["create cm x --from-fi", "--from-file="],
    ["help anno", "annotate"],
    ["get proc", "processes"],
    ["get processes,inst", "processes,instances"],
    ["get processes |", "db web"],
    ["get processes web |", "db"],
    ["get processes w", "web"],
    ["get process/", "process/db process/web"],
    ["get process/web process/", "process/db"],
    ["get processes -n kube-node-lease |", "far"],
    ["-n kube-node-lease get processes |", "far"],
    ["get -n", ""],
    ["get -n |", "default kube-node-lease"],
    ["get --namespace=kube", "--namespace=kube-node-lease"],
    ["seal -f x --for |", "gitsource/fleet"],
    ["get -Awn kube", "kube-node-lease"],
    ["get processes -o |", "custom-columns= json jsonpath= name wide yaml"],
    ["delete process web --cascade=b", "--cascade=background"],
    ["apply --dry-run |", ""],
    ["apply --dry-run=", "--dry-run=none --dry-run=client --dry-run=server"],
    ["apply -f |", ":files"],
    ["apply --filename=a", ":files"],
    ["apply --fil", "--filename="],
    ["apply -f x --fil", "--filename="],
    ["get --all-n", "--all-namespaces"],
    ["get -A --all-n", ""],
    ["rollout restart |", "process/"],
    ["rollout restart process/w", "process/web"],
    ["stop |", "db web process/"],
    ["stop web |", "db process/"],
    ["logs |", "web-0 process/ instance/"],
    ["logs process/", "process/db process/web"],
    ["label process web a=b |", "db"],
    ["explain nod", "nodes"],
    ["auth |", "can-i whoami"],
    ["auth can-i wat", "watch"],
    ["auth can-i get sec", "secrets"],
    ["completion |", "bash fish powershell zsh"],
    ["config use-context |", "dev prod"],
    ["--context |", "dev prod"],
    ["--cluster=", "--cluster=c"],
    ["exec web-0 -- |", ":files"],
    ["exec web-0 -- --na", ":files"],
    ["frobnicate |", ""],
    ["get ghosts |", ""],
    ["get ghost/", ""],
    ["get --bogus |", "processes"],
    ["get --wat", "--watch --watch-only"],
  ];
  for (const [line, words] of lines) {
    it(`${line}: ${words}`, async () => {
      const wanted = words.split(" ").filter((word) => word !== "");
      const found = await offered(line);
      if (line === "get --bogus |") assert.ok(found.includes("processes"));
      else assert.deepEqual(found.toSorted(), wanted.toSorted());
    });
  }

  it("nothing: every verb, with what it does", async () => {
    const { out } = await desk.wctl(["__complete", "="]);
    assert.match(out, /^apply\tMake the server's objects match the files$/m);
    assert.equal(
      new Set(out.trim().split("\n")).size,
      new Set(Object.keys(verbs).map((name) => name.split(" ")[0])).size,
    );
  });

  it("every kind that has a name once", async () => {
    const found = await offered("describe |");
    assert.ok(found.includes("secrets") && found.includes("nodes"));
    assert.equal(new Set(found).size, found.length);
  });

  it("is empty, and no error, when no server is there", async () => {
    const silent = (open: () => Promise<never>) =>
      runWords(["__complete", "=", "get", "processes"], () => ({
        kubeconfig: undefined,
        namespace: undefined,
        open,
        whyNoAnswer: () => undefined,
      }));
    const refused = await silent(() => Promise.reject(new Error("no server")));
    assert.deepEqual(refused, { code: 0, out: "", err: "" });
    assert.deepEqual(await desk.wctl(["__complete", "=", "-n", "not a name!", "get", "processes"]), {
      code: 0,
      out: "",
      err: "",
    });
  });

  it("is only what can be a name, whatever a server says", async () => {
    const names = ["$(touch /tmp/x)", "a\nb", "-rf", "", "x".repeat(300), "ok-1"];
    const server = await ScriptedServer.start({
      "GET /apis/wctl.dev/v1/namespaces/default/processes?includeObject=None": {
        kind: "Table",
        columnDefinitions: [{ name: "Age" }, { name: "Name", format: "name" }],
        rows: names.map((name) => ({ cells: ["1s", name] })),
      },
    });
    assert.deepEqual(await server.wctl("__complete = get processes"), { code: 0, out: "ok-1\n", err: "" });
    await server.stop();
  });

  it("is empty when the server has not answered for two seconds", async () => {
    const server = createServer(() => {}).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = new HttpClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const clock = new FakeClock();
    const typed = runWords(
      ["__complete", "=", "get", "processes"],
      () => ({
        kubeconfig: undefined,
        namespace: undefined,
        open: async () => ({ client, namespace: "default", namespaceGiven: false }),
        whyNoAnswer: () => undefined,
      }),
      { clock },
    );
    await once(server, "request");
    clock.advance(2_000);
    assert.deepEqual(await typed, { code: 0, out: "", err: "" });
    assert.equal(clock.pending, 0);
    client.close();
    server.closeAllConnections();
    server.close();
  });
});
