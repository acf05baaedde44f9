/** What the waiting thread reports. */
export interface JobMessage {
  /** The key of the watch. */
  key: number;
  /** JOB_OBJECT_MSG_… */
  message: number;
  /** 0 for messages about the whole job. */
  pid: number;
}

export interface WorkerData {
  port: number;
}

/** The key that ends the worker. */
export const STOP = 0;
