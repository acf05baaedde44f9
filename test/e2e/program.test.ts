/** Each verb by the built program, as a process of its own: other tests ask for the answers of verbs in their own process (`verbInProcess`). */
import assert from "node:assert/strict";
import { copyFileSync, cpSync, lstatSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { verbs } from "../../cmd/wctl/verb-table.ts";
import { Bed, processOf, sh } from "./fields/bed.ts";

const context = hostname().toLowerCase();

type Line = [words: string, says: RegExp, code?: number];

/** In this order: each finds what the ones before it have left. The files are in DIR; `config` is a copy of the kubeconfig, `copy` one of the data. */
const lines: readonly Line[] = [
  ["validate -f DIR/web.yaml", /^1 object in 1 file is valid\n$/],
  ["diff -f DIR/web.yaml", /^\+ {2}command: \/bin\/sh$/m, 1],
  ["apply -f DIR/web.yaml", /^process\.wctl\.dev\/web created\n$/],
  ["wait --for=condition=Ready process/web", /^process\.wctl\.dev\/web condition met\n$/],
  ["get processes", /^NAME .*\nweb +1\/1 +Running /],
  ["create -f DIR/db.yaml", /^process\.wctl\.dev\/db created\n$/],
  ["replace --force -f DIR/db.yaml", /^process\.wctl\.dev "db" deleted\nprocess\.wctl\.dev\/db replaced\n$/],
  ["edit process/db", /^$/],
  ["create configmap conf --from-file=DIR/db.yaml", /^configmap\/conf created\n$/],
  ["create namespace team", /^namespace\/team created\n$/],
  ["create secret generic word --from-literal=a=b", /^secret\/word created\n$/],
  ["create secret tls pair --cert=DIR/ghost --key=DIR/ghost", /^$/, 1],
  ["label process/web tier=front", /^process\.wctl\.dev\/web labeled\n$/],
  ["annotate process/web why=test", /^process\.wctl\.dev\/web annotated\n$/],
  ["patch configmap/conf -p {}", /^configmap\/conf patched \(no change\)\n$/],
  ["api-resources --categories=wctl -o name", /^gitsources\.wctl\.dev\ninstances\.wctl\.dev\nprocesses\.wctl\.dev\n$/],
  ["api-versions", /^wctl\.dev\/v1$/m],
  ["auth can-i create processes", /^yes\n$/],
  ["auth can-i create processes --as=jane", /^no\n$/, 1],
  [
    "auth whoami --as=jane --as-group=team",
    /^ATTRIBUTE +VALUE\nUsername +jane\nGroups +\[team system:authenticated\]\n$/,
  ],
  ["cluster-info", /^wctld is running at https:/],
  ["explain process.spec.restartPolicy", /Default: Always\n/],
  ["crds", /\n {2}name: instances\.wctl\.dev\n/],
  ["exec web -- cat /proc/self/comm", /^cat\n$/],
  ["logs web-0", /^its first words\n$/],
  ["status web", /^process\/web: Running\n/],
  ["ps", /\ndefault +web-0 +\d+ /],
  ["describe process web", /^Name: +web\n/],
  ["why web", /^process\/web is Running: 1 instance ready\n/],
  ["top instances", /^NAME +CPU/],
  ["scale process/web --replicas=2", /^process\.wctl\.dev\/web scaled\n$/],
  ["rollout pause process/web", /^process\.wctl\.dev\/web paused\n$/],
  ["rollout resume process/web", /^process\.wctl\.dev\/web resumed\n$/],
  ["rollout restart process/web", /^process\.wctl\.dev\/web restarted\n$/],
  ["rollout status process/web", /successfully rolled out\n$/],
  ["rollout history process/web", /\nREVISION .*\n1 .*\n2 /],
  ["rollout undo process/web", /^process\.wctl\.dev\/web rolled back\n$/],
  ["restart web", /^process\.wctl\.dev\/web restarted\n$/],
  ["stop web", /^process\.wctl\.dev\/web stopped\n$/],
  ["start web", /^process\.wctl\.dev\/web started\n$/],
  ["events", /^LAST SEEN [\s\S]*process\/web/],
  ["completion bash", /^complete .* wctl wctl\.exe$/m],
  ["version", /^Client Version: v.*\nServer Version: v/],
  ["config current-context", new RegExp(`^${context}\n$`)],
  ["config get-contexts", new RegExp(`^CURRENT .*\n\\* +${context} `)],
  ["config view", /certificate-authority-data: DATA\+OMITTED/],
  ["config set-context --current --namespace=team --kubeconfig DIR/config", /^Context ".*" modified\.\n$/],
  [`config use-context ${context} --kubeconfig DIR/config`, /^Switched to context/],
  ["backup DIR/backup", /backup written/],
  ["restore DIR/backup --data-dir DIR/restored", /restored from the backup/],
  ["data renew --data-dir DIR/copy", /copy renewed\n$/],
  ["data take-over --data-dir DIR/copy", /copy taken over\n$/],
  ["secrets rotate-key", /rotated: /],
  ["kubeconfig create --user=jane --group=team", /client-certificate-data: \S{100}/],
  ["apply -f DIR/fleet.yaml", /^gitsource\.wctl\.dev\/fleet created\n$/],
  ["bootstrap git --url https://127.0.0.1:1/x.git --path x --export DIR/clone", /about\.yaml written\n$/],
  ["suspend gitsource/fleet", /^gitsource\.wctl\.dev\/fleet suspended\n$/],
  ["resume gitsource/fleet", /^gitsource\.wctl\.dev\/fleet resumed\n$/],
  ["reconcile gitsource/fleet", /^$/, 1],
  ["approve gitsource/fleet", /^$/, 1],
  ["tree gitsource/fleet", /^NAMESPACE .*\ndefault +gitsource\/fleet +Progressing /],
  ["rollback gitsource/fleet", /^$/, 1],
  ["seal --generate", /AGE-SECRET-KEY/],
  ["delete process/web", /^process\.wctl\.dev "web" deleted\n$/],
  ["daemon -h", /--data-dir DIR/],
];

describe("the built program", () => {
  const bed = new Bed();

  it("has a line here for each verb but those of services, which are shown where there is a service", () => {
    const wanted = Object.keys(verbs).filter((name) => !name.startsWith("service "));
    const called = wanted.filter((name) => lines.some(([words]) => `${words} `.startsWith(`${name} `)));
    assert.deepEqual(called, wanted);
  });

  it("answers it, with its exit code", async () => {
    const { dir, dataDir, kubeconfig } = bed.daemon;
    const up = join(dir, "up");
    const spec = `${sh(`echo its first words; touch ${up}; exec sleep 1000`)}readinessProbe: {exec: {command: [/usr/bin/test, -e, ${up}]}, periodSeconds: 1}`;
    writeFileSync(join(dir, "web.yaml"), processOf("web", spec));
    writeFileSync(join(dir, "db.yaml"), processOf("db", "command: /bin/true\nsuspend: true"));
    const source =
      "apiVersion: wctl.dev/v1\nkind: GitSource\nmetadata: {name: fleet}\nspec: {url: 'https://127.0.0.1:1/x.git'}\n";
    writeFileSync(join(dir, "fleet.yaml"), source);
    process.env.KUBE_EDITOR = "true";
    copyFileSync(kubeconfig, join(dir, "config"));
    cpSync(dataDir, join(dir, "copy"), { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
    for (const [words, says, code = 0] of lines) {
      const ran = await bed.daemon.program(...words.replaceAll("DIR", dir).split(" "));
      assert.equal(ran.code, code, `${words}: ${ran.stderr}${ran.stdout}`);
      assert.match(ran.stdout, says, words);
    }
  });
});
