/** When a process was started, and in which boot; with the pid this is its identity. */
export function creationTime(bootId: string, startTicks: string): string {
  return `${bootId}/${startTicks}`;
}
