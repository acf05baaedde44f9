import { serviceConstants as c } from "../ffi/service-constants.ts";

/** As the service control manager shows them. */
export type ServiceState =
  | "StartPending"
  | "Running"
  | "PausePending"
  | "Paused"
  | "ContinuePending"
  | "StopPending"
  | "Stopped";

/** The controls that the service knows. `StopKeeping` is ours: stop, and leave the workloads running for the next daemon. */
export type ServiceControl = "Stop" | "StopKeeping" | "Pause" | "Continue" | "ParamChange" | "PreShutdown" | "Shutdown";

const always = c.SERVICE_ACCEPT_STOP | c.SERVICE_ACCEPT_PARAMCHANGE | c.SERVICE_ACCEPT_SHUTDOWN;
const working = always | c.SERVICE_ACCEPT_PRESHUTDOWN | c.SERVICE_ACCEPT_PAUSE_CONTINUE;

/** Windows' code of each state, and the controls that the service accepts in it: none while a change is pending. */
export const states: Record<ServiceState, { code: number; accepts: number; isPending: boolean }> = {
  StartPending: { code: c.SERVICE_START_PENDING, accepts: 0, isPending: true },
  Running: { code: c.SERVICE_RUNNING, accepts: working, isPending: false },
  PausePending: { code: c.SERVICE_PAUSE_PENDING, accepts: 0, isPending: true },
  Paused: { code: c.SERVICE_PAUSED, accepts: working, isPending: false },
  ContinuePending: { code: c.SERVICE_CONTINUE_PENDING, accepts: 0, isPending: true },
  StopPending: { code: c.SERVICE_STOP_PENDING, accepts: 0, isPending: true },
  Stopped: { code: c.SERVICE_STOPPED, accepts: 0, isPending: false },
};

/** Windows leaves the codes 128 to 255 to the services. */
export const STOP_KEEPING = 128;

const controls: Record<number, ServiceControl> = {
  [c.SERVICE_CONTROL_STOP]: "Stop",
  [STOP_KEEPING]: "StopKeeping",
  [c.SERVICE_CONTROL_PAUSE]: "Pause",
  [c.SERVICE_CONTROL_CONTINUE]: "Continue",
  [c.SERVICE_CONTROL_PARAMCHANGE]: "ParamChange",
  [c.SERVICE_CONTROL_PRESHUTDOWN]: "PreShutdown",
  [c.SERVICE_CONTROL_SHUTDOWN]: "Shutdown",
};

export const controlOf = (code: number): ServiceControl | undefined => controls[code];

export const stateOf = (code: number): ServiceState =>
  (Object.keys(states) as ServiceState[]).find((state) => states[state].code === code) ?? "Stopped";
