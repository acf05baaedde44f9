/** Where it is written down who did what. */
export interface AuditLog {
  /** Resolves when the system has it; rejects when it could not be written: then what was to be done is not. */
  record(event: object): Promise<void>;
  /** Of what has been done already. Resolves when the system has it, or will get it before the next that is recorded. Never rejects. */
  owe(event: object): Promise<void>;
  /** Resolves when all that was recorded is on the disk itself, and outlives a power cut. Rejects when the disk refuses. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

/** Each has its own room on the disk, so that none pushes out another. */
export interface AuditLogs {
  /** What people and programs changed. */
  changes: AuditLog;
  /** Which Secrets they read. */
  reads: AuditLog;
  /** What they were refused. */
  refusals: AuditLog;
  /** What parts of the daemon changed. */
  parts: AuditLog;
}
