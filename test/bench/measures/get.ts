import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { withSupervisor } from "../bodies.ts";
import { type Cost, costOf } from "../cost-of-command.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { paired, quantile, type Result, round } from "../result.ts";
import { untilQuiet } from "../until-quiet.ts";
import { Wctl } from "../wctl-supervisor.ts";

const ROUNDS = 20;

/** `wctl get` of one, and of all, beside a bare Node script that makes one request. */
export const get: Measure = async (programs, { sizes }) => {
  const n = sizes.at(-1)!;
  const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  const script = join(import.meta.dirname, "../get-once.cjs");
  try {
    return await withSupervisor(new Wctl(programs), { count: n }, async (wctl) => {
      await untilQuiet(wctl);
      const certificates = clientFiles(wctl);
      const plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const ours = (program: string, ...words: string[]) => execa(program, ["get", ...words], { env: wctl.env });
      const commands = {
        floor: () => execa(process.execPath, [script, plain]),
        https: () => execa(process.execPath, [script, `${wctl.url}/healthz`, ...certificates]),
        one: () => ours(programs.wctl, "process", "c0"),
        all: () => ours(programs.wctl, "processes"),
        ...(programs.before === undefined
          ? {}
          : {
              oneBefore: () => ours(programs.before!, "process", "c0"),
              allBefore: () => ours(programs.before!, "processes"),
            }),
      };
      const names = Object.keys(commands) as (keyof typeof commands)[];
      const taken = await inTurn(names, ROUNDS, (name) => costOf(commands[name]!));
      return [
        result("wctl get of one object", 1, 1.1, { ...taken, wctl: taken.one, before: taken.oneBefore }),
        result("wctl get of all", n, 1.3, { ...taken, wctl: taken.all, before: taken.allBefore }),
      ];
    });
  } finally {
    server.close();
  }
};

interface Costs {
  floor: Cost[];
  https: Cost[];
  wctl: Cost[];
  before?: Cost[] | undefined;
}

function result(what: string, n: number, limit: number, { floor, https, wctl, before }: Costs): Result {
  const ms = (costs: Cost[]): number[] => costs.map((cost) => cost.ms);
  const cpuMs = (costs: Cost[]): number => round(costs.reduce((sum, cost) => sum + cost.cpuMs, 0) / costs.length);
  const taken = { wctl: ms(wctl), floor: ms(floor), ...(before ? { before: ms(before) } : {}) };
  const cpu = { wctl: cpuMs(wctl), floor: cpuMs(floor), ...(before ? { before: cpuMs(before) } : {}) };
  return {
    ...paired(`${what}, beside a bare node script with one http request`, "ms", taken, limit),
    n,
    notes: { httpsWithClientCertificateMs: quantile(ms(https), 0.5), cpuMs: cpu },
  };
}

/** CA, certificate and key of admin.kubeconfig as files for `get-once.cjs`. */
function clientFiles(wctl: Wctl): string[] {
  const kubeconfig = readFileSync(join(wctl.dataDir, "admin.kubeconfig"), "utf8");
  return ["certificate-authority-data", "client-certificate-data", "client-key-data"].map((field) => {
    const file = join(wctl.directory, field);
    const encoded = new RegExp(`${field}"?:\\s*"?([A-Za-z0-9+/=]+)`).exec(kubeconfig)?.[1];
    if (encoded === undefined) throw new Error(`admin.kubeconfig has no ${field}`);
    writeFileSync(file, Buffer.from(encoded, "base64"));
    return file;
  });
}
