/** The first line of each unit that is ours: others are not touched. */
const MARK = "# Made by wctl service install; the next one writes it anew.";

export interface Unit {
  name: string;
  /** The program with its first words, and `daemon`. */
  program: readonly string[];
  /** What `wctl daemon` is given. */
  flags: readonly string[];
  dataDir: string;
}

/**
 * systemd.service(5). Nothing is taken away from the daemon (ProtectSystem=, PrivateTmp=, NoNewPrivileges= and so on), since every workload would inherit that; what a workload
 * may is decided for each by itself.
 */
export function unitFile({ name, program, flags, dataDir }: Unit): string {
  return `${MARK}
[Unit]
Description=wctl: keeps declared processes running as declared
After=network.target
RequiresMountsFor=${quoted(dataDir)}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=${[...program, ...flags].map(quoted).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
# Workloads outlive the daemon: systemd ends the daemon only. "stop" ends them too, by the daemon; "restart" leaves them running.
KillMode=process
KillSignal=SIGTERM
RestartKillSignal=SIGUSR2
TimeoutStartSec=5min
TimeoutStopSec=15min
WatchdogSec=2min
# At once, and without an image of its memory on the disk: there are Secrets in it.
WatchdogSignal=SIGKILL
OOMScoreAdjust=-500
# Their cgroups lie in the slice, beside the daemon's own, with these controllers.
Slice=${sliceOf(name)}
CPUAccounting=yes
MemoryAccounting=yes
TasksAccounting=yes
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;
}

/** A hyphen would put one slice into another. */
const sliceOf = (name: string): string => `${name.replaceAll("-", "_")}.slice`;

export const isOurs = (unit: string): boolean => unit.startsWith(MARK);

/** The command line in a unit of ours, as words. */
export function wordsOf(unit: string): string[] {
  const [, line = ""] = /^ExecStart=([^\n]*)/m.exec(unit) ?? [];
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) => unquoted(word));
}

/** What follows `daemon`. */
export function flagsOf(unit: string): string[] {
  const words = wordsOf(unit);
  const at = words.indexOf("daemon");
  return at < 0 ? [] : words.slice(at + 1);
}

/**
 * One word, whatever is in it: `%` and `$` stand for something else (systemd.unit(5), systemd.service(5)), and what controls a terminal may end a line
 * (a carriage return does).
 */
function quoted(word: string): string {
  const text = word.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${text.replace(CONTROLS, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

const CONTROLS = /[\0-\x1f\x7f]/g;

const unquoted = (text: string): string =>
  text
    .replaceAll("$$", "$")
    .replaceAll("%%", "%")
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, code: string | undefined, character: string) =>
      code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
    );
