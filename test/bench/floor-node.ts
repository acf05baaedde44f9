// The floor: the simplest possible supervisor in Node. It starts children, starts them again when they end, and, when
// asked, sends each one HTTP request every ten seconds. No state, no API, no logs, no promises.
//
//   floor-node COUNT CHILD            COUNT children `CHILD pause`
//   floor-node COUNT CHILD FIRSTPORT  children `CHILD serve PORT`, probed
import { spawn } from "node:child_process";
import { get } from "node:http";

const [count = "0", child = "", firstPort] = process.argv.slice(2);
const PROBE_PERIOD_MS = 10_000;

function start(index: number): void {
  const args = firstPort === undefined ? ["pause"] : ["serve", String(Number(firstPort) + index)];
  spawn(child, args, { stdio: "ignore", env: { ...process.env, BENCH_ID: `c${index}` } }).on("exit", () =>
    start(index),
  );
}

function probe(index: number): void {
  get({ host: "127.0.0.1", port: Number(firstPort) + index, agent: false }, (response) => response.resume()).on(
    "error",
    () => {},
  );
}

for (let index = 0; index < Number(count); index += 1) {
  start(index);
  if (firstPort !== undefined)
    setTimeout(() => setInterval(probe, PROBE_PERIOD_MS, index), Math.random() * PROBE_PERIOD_MS);
}
