import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { gitFixture } from "../../git/git-fixture.ts";
import { type Result, round, timed } from "../result.ts";
import type { Programs } from "../supervisor.ts";
import { ApiDaemon } from "./api-daemon.ts";

const MANIFESTS = 1_000;
const LOOKS = 10;
/** The thread that reads a repository has ended by then. */
const AFTER_READING_MS = 15_000;

const manifest = (n: number): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m${n}}\ndata: {value: "${n}"}\n`;

/** A repository of a thousand manifests, served by git over HTTPS: what it costs to apply it, to look at it when nothing has changed, and to follow it. */
export async function repository({ wctl }: Programs): Promise<Result[]> {
  const fixture = await gitFixture();
  const daemon = await ApiDaemon.start(wctl);
  const run = (...args: string[]) => execa(wctl, ["--kubeconfig", daemon.kubeconfig, ...args]);
  try {
    fixture.repo.commit(Object.fromEntries(Array.from({ length: MANIFESTS }, (_, n) => [`m${n}.yaml`, manifest(n)])));
    const file = join(daemon.directory, "source.yaml");
    writeFileSync(file, sourceYaml(fixture.server.url("repo.git").text, fixture.ca));
    const before = pssMiB(daemon.pid);
    await run("apply", "-f", file);
    const firstMs = await timed(() => run("reconcile", "gitsource/fleet"));
    const versions = await versionsOf(run);
    const cpuBefore = daemon.cpuMs();
    const wallMs = await timed(async () => {
      for (let look = 0; look < LOOKS; look++) await run("reconcile", "gitsource/fleet");
    });
    const cpuMs = (daemon.cpuMs() - cpuBefore) / LOOKS;
    const moved = (await versionsOf(run)).filter((one, at) => one !== versions[at]).length;
    await pause(AFTER_READING_MS);
    return [
      figure("first apply of a repository, until wctl reconcile returns", "ms", firstMs, Number.POSITIVE_INFINITY),
      figure("a look that finds nothing new, the daemon's processor time", "ms", cpuMs, 1_000, {
        wallMs: round(wallMs / LOOKS),
      }),
      figure("resourceVersions that such looks have moved", "objects", moved, 0),
      figure(
        "memory (PSS) more than before the source, its objects included",
        "MiB",
        pssMiB(daemon.pid) - before,
        Number.POSITIVE_INFINITY,
      ),
    ];
  } finally {
    await daemon.stop();
    await fixture.close();
  }
}

function figure(what: string, unit: string, wctl: number, most: number, notes?: Record<string, unknown>): Result {
  const target = Number.isFinite(most) ? `<= ${most}` : "none";
  return { what, n: MANIFESTS, unit, wctl: round(wctl), target, isMet: wctl <= most, ...(notes ? { notes } : {}) };
}

async function versionsOf(run: (...args: string[]) => PromiseLike<{ stdout: string }>): Promise<string[]> {
  const path = "{range .items[*]}{.metadata.name} {.metadata.resourceVersion}{'\\n'}{end}";
  return (await run("get", "configmaps", "-o", `jsonpath=${path}`)).stdout.split("\n");
}

function sourceYaml(url: string, ca: string): string {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "auth" }, stringData: { "ca.crt": ca } };
  const source = {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name: "fleet" },
    spec: { url, interval: "1h", secretRef: { name: "auth" } },
  };
  return [secret, source].map((one) => JSON.stringify(one)).join("\n---\n");
}

const pssMiB = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024;
