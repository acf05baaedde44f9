/** What the daemon says of itself when asked over HTTP. */
export interface Health {
  /** False asks the supervisor of the daemon to restart it. */
  live: boolean;
  /** False: reads may work, writes are refused or late. */
  ready: boolean;
  checks: readonly HealthCheck[];
}

export interface HealthCheck {
  name: string;
  ok: boolean;
  /** `?verbose` shows it when it is not ok. It contains no secrets, because health needs no credential. */
  message?: string;
}

/** `ok`, or the list of checks, in the words of the real server. 500 when a check fails. */
export function healthReply(which: string, health: Health, verbose: boolean): { code: number; text: string } {
  const well = which === "readyz" ? health.ready : health.live;
  if (well && !verbose) return { code: 200, text: "ok" };
  const lines = health.checks.map(({ name, ok, message }) =>
    ok ? `[+]${name} ok` : `[-]${name} failed${message ? `: ${message}` : ""}`,
  );
  return { code: well ? 200 : 500, text: `${[...lines, `${which} check ${well ? "passed" : "failed"}`].join("\n")}\n` };
}
