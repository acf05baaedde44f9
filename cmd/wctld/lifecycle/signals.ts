import process from "node:process";

/**
 * SIGTERM, SIGINT and (on a console that closes) SIGHUP's Windows sibling SIGBREAK ask the daemon to stop; a second one insists. SIGUSR2 asks the same and
 * leaves the workloads running: systemd sends it at a restart. SIGHUP means: read the configuration again. SIGUSR1 would open Node's inspector (security S37): here it does nothing.
 */
export function listenForSignals(listeners: {
  stop: (signal: NodeJS.Signals) => void;
  stopKeeping: () => void;
  reload: () => void;
}): () => void {
  const on: [NodeJS.Signals, () => void][] = [
    ["SIGTERM", () => listeners.stop("SIGTERM")],
    ["SIGINT", () => listeners.stop("SIGINT")],
    ["SIGBREAK", () => listeners.stop("SIGBREAK")],
    ["SIGUSR2", listeners.stopKeeping],
    ["SIGHUP", listeners.reload],
    ["SIGUSR1", () => {}],
  ];
  for (const [signal, listener] of on) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of on) process.off(signal, listener);
  };
}
