/** The errors that services, folders and the registry answer with: the name in winerror.h, and what a person can do about it. */
const known: Record<number, readonly [name: string, message: string]> = {
  2: ["ERROR_FILE_NOT_FOUND", "the file was not found"],
  3: ["ERROR_PATH_NOT_FOUND", "the path was not found"],
  5: ["ERROR_ACCESS_DENIED", "access is denied; use a terminal that was started as administrator"],
  87: ["ERROR_INVALID_PARAMETER", "a parameter is not accepted"],
  109: ["ERROR_BROKEN_PIPE", "the service's process has gone"],
  124: ["ERROR_INVALID_LEVEL", "this Windows does not know this setting"],
  183: ["ERROR_ALREADY_EXISTS", "it exists already"],
  1051: ["ERROR_DEPENDENT_SERVICES_RUNNING", "other services that depend on it are running; stop them first"],
  1052: ["ERROR_INVALID_SERVICE_CONTROL", "the service does not take this request"],
  1053: ["ERROR_SERVICE_REQUEST_TIMEOUT", "the service did not answer in time"],
  1055: ["ERROR_SERVICE_DATABASE_LOCKED", "the service database is locked; try again"],
  1056: ["ERROR_SERVICE_ALREADY_RUNNING", "the service is running already"],
  1057: ["ERROR_INVALID_SERVICE_ACCOUNT", "the service's account or its password is wrong"],
  1058: ["ERROR_SERVICE_DISABLED", "the service is disabled"],
  1060: ["ERROR_SERVICE_DOES_NOT_EXIST", "the service is not installed; install it with: wctl service install"],
  1061: ["ERROR_SERVICE_CANNOT_ACCEPT_CTRL", "the service takes no requests at this time; try again"],
  1062: ["ERROR_SERVICE_NOT_ACTIVE", "the service is not running"],
  1063: ["ERROR_FAILED_SERVICE_CONTROLLER_CONNECT", "this process was not started as a service"],
  1066: ["ERROR_SERVICE_SPECIFIC_ERROR", "the service ended with an error of its own; see wctld.log and the event log"],
  1067: ["ERROR_PROCESS_ABORTED", "the service's process ended unexpectedly"],
  1069: ["ERROR_SERVICE_LOGON_FAILED", "the service's account could not log on"],
  1072: [
    "ERROR_SERVICE_MARKED_FOR_DELETE",
    "the service is being removed; close programs that show services (services.msc) and try again",
  ],
  1073: ["ERROR_SERVICE_EXISTS", "the service is installed already"],
  1078: ["ERROR_DUPLICATE_SERVICE_NAME", "another service has this name"],
  1115: ["ERROR_SHUTDOWN_IN_PROGRESS", "the system is shutting down"],
};

/** A call of Windows that failed. The message says which call, on what, and why. `code` is the Win32 error. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly call: string;
  readonly code: number;

  constructor(call: string, subject: string, code: number) {
    super(`${subject}: ${explain(code)} (${call}: ${nameOf(code)})`);
    this.call = call;
    this.code = code;
  }
}

/** What the code means, for people. */
export const explain = (code: number): string => known[code]?.[1] ?? "Windows refused";

/** `ERROR_ACCESS_DENIED (5)`, or `error 4711`. */
const nameOf = (code: number): string => (known[code] ? `${known[code][0]}, ${code}` : `error ${code}`);
