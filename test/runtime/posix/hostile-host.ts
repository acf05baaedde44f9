// Starts workloads and probes whose every text field holds what a shell would act on. argv: DATA_DIR CANARY.
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { endAll } from "../end-all.ts";
import { launchSpec } from "../specs.ts";

const [dataDir = "", canary = ""] = process.argv.slice(2);
const payloads = [
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `; touch ${canary} ;`,
  `| touch ${canary}`,
  `&& touch ${canary}`,
  `\n/bin/touch ${canary}\n`,
  `' ; touch ${canary} '`,
  "--reuid=0",
];
const runtime = await PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger });
await runtime.recover();
let count = 0;
const start = async (spec: object): Promise<void> => {
  const uid = `hostile-${++count}`;
  await runtime.start({ ...launchSpec({ uid, command: "/bin/true" }), ...spec }).catch(() => {});
};
// Each of these holds many texts, and is one start for all of them.
const all = Object.fromEntries(payloads.map((text, index) => [`A${index}`, text]));
await start({ args: payloads });
await start({ args: payloads, runAs: { account: "nobody" } });
await start({ env: all });
// Of these a start has one.
for (const text of payloads) {
  await start({ command: text });
  await start({ command: `/bin/${text}` });
  await start({ workingDir: text });
  await start({ workingDir: `/tmp/${text}` });
  await start({ env: { IFS: text, BASH_ENV: text, ENV: text, LD_PRELOAD: text }, label: text, uid: `uid ${text}` });
  await start({ runAs: { account: text } });
}
await runtime.start(launchSpec({ uid: "live", command: "/bin/sleep", args: ["1000"] }));
const options = { timeoutMs: 5000, maxOutput: 100 };
await runtime.exec("live", ["/bin/true", ...payloads], options);
for (const text of payloads) await runtime.exec("live", [text], options).catch(() => {});
await endAll(runtime);
await runtime.close();
console.log("done");
