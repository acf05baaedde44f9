// make bench-peers: wctl beside runit, s6, systemd, supervisord and PM2 with the same children, JSON on stdout, a line for each figure on stderr. Needs
// Linux, and root for the packages and for a systemd of its own; what can't be had is skipped, and says why.
//   make bench-peers ARGS="restart cold-start"   only these       make bench-peers ARGS=--quick   smaller numbers, for a first look
//   make bench-peers ARGS="--only wctl,runit --sizes 100"        only these supervisors, only that many children; --pairs 3: so many rounds
//   make bench-peers ARGS="--wctl PATH"                          another build of wctl
import { parseArgs } from "node:util";
import { FloorNode } from "../test/bench/floor-supervisor.ts";
import { peersMeasures } from "../test/bench/peers/measures.ts";
import type { Makers, PeersScope } from "../test/bench/peers/peers-measure.ts";
import { Pm2 } from "../test/bench/peers/pm2.ts";
import { type Row, readable } from "../test/bench/peers/row.ts";
import { Runit } from "../test/bench/peers/runit.ts";
import { S6 } from "../test/bench/peers/s6.ts";
import { Supervisord } from "../test/bench/peers/supervisord.ts";
import { Systemd } from "../test/bench/peers/systemd.ts";
import { WctlPeer } from "../test/bench/peers/wctl.ts";
import { type Supervisor, stopAllOnSignal } from "../test/bench/supervisor.ts";
import { bringPeers, type Missing } from "./bench/bring-peers.ts";
import { makePrograms, whereMeasured } from "./bench/programs.ts";

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    sizes: { type: "string" },
    pairs: { type: "string" },
    wctl: { type: "string" },
  },
  allowPositionals: true,
});
const scope: PeersScope = values.quick
  ? { sizes: [10, 100], living: 10, rounds: 10, pairs: 3, settleSeconds: 10 }
  : { sizes: [10, 100, 1000], living: 100, rounds: 20, pairs: 5, settleSeconds: 120 };
if (values.sizes !== undefined) scope.sizes = values.sizes.split(",").map(Number);
if (values.pairs !== undefined) scope.pairs = Number(values.pairs);

const programs = await makePrograms(values);
const { unpacked, s6, pm2, systemd, versions } = await bringPeers();
const skipped: Record<string, string> = {};
const makers: Makers = { wctl: () => new WctlPeer(programs), "floor-node": () => new FloorNode(programs) };
add("runit", unpacked, (installed) => new Runit(programs, installed));
add("s6", s6, (installed) => new S6(programs, installed));
add("systemd", systemd, () => new Systemd(programs));
add("supervisord", unpacked, (installed) => new Supervisord(programs, installed));
add("pm2", pm2, (program) => new Pm2(programs, program));
if (values.only !== undefined) {
  const only = values.only.split(",");
  for (const name of Object.keys(makers)) if (!only.includes(name)) delete makers[name];
}

stopAllOnSignal();
const rows: Row[] = [];
const failures: { measure: string; error: string }[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(peersMeasures)) {
  const measure = peersMeasures[name];
  if (!measure) throw new Error(`there is no measure "${name}"; there are: ${Object.keys(peersMeasures).join(", ")}`);
  console.error(`bench: ${name}`);
  try {
    const found = await measure(makers, scope);
    console.error(found.map(readable).join("\n"));
    rows.push(...found);
  } catch (error) {
    console.error(`  failed: ${error instanceof Error ? error.stack : error}`);
    failures.push({ measure: name, error: String(error) });
  }
}
console.log(JSON.stringify({ ...whereMeasured(), versions, scope, rows, skipped, failures }, null, 2));
process.exitCode = failures.length > 0 ? 1 : 0;

function add<T>(name: string, found: T | Missing, make: (found: T) => Supervisor): void {
  if (typeof found === "object" && found !== null && "missing" in found) {
    skipped[name] = found.missing;
    console.error(`bench: SKIPPED ${name}: ${found.missing}`);
  } else makers[name] = () => make(found);
}
