import { cpus, freemem, totalmem } from "node:os";

/** What the whole machine uses, whoever uses it. */
export interface MachineUsage {
  /** Of all processors together, since the system began to count. */
  cpuSeconds: number;
  /** How many there are. */
  cpus: number;
  /** What nobody could be given any more. */
  memoryBytes: number;
}

export function machineUsage(): MachineUsage {
  const all = cpus();
  const cpuMs = all.reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  return { cpuSeconds: cpuMs / 1000, cpus: all.length, memoryBytes: totalmem() - freemem() };
}
