import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs as s } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { wide, wideList } from "./wide-text.ts";

/**
 * The access list of the service. Only the system and administrators may send it user-defined controls (`CR`): control 128 stops this service, and
 * Windows' default grants `CR` to whoever is logged on and to every service. These may still query the service, enumerate its dependents and read
 * this list.
 * https://learn.microsoft.com/windows/win32/services/service-security-and-access-rights
 */
export const SERVICE_ACCESS =
  "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWRC;;;IU)(A;;CCLCSWRC;;;SU)";

/** What `install` tells the service control manager about a service. */
export interface ServiceDefinition {
  name: string;
  displayName: string;
  description: string;
  /** The command line; its first word is the program, in quotes (S03). */
  commandLine: string;
  /** How long the system waits after each failure before it starts the service again. The last delay holds for all later failures. */
  restartDelaysMs: readonly number[];
  /** After so many seconds without a failure, the delays begin with the first again. */
  failuresForgottenAfterS: number;
  /** The process keeps these privileges of its account and loses all others. */
  privileges: readonly string[];
  /** How long a shutdown of the system waits for the service to stop. */
  preShutdownMs: number;
}

/** One call of ChangeServiceConfig2W. `info` holds the addresses of the Buffers in `pointsTo`. */
export interface Setting {
  what: string;
  level: number;
  info: Buffer;
  pointsTo: readonly Buffer[];
}

/** Everything about a service that CreateServiceW does not take. */
export function settingsOf(definition: ServiceDefinition, { addressOf }: Pick<ServiceApi, "addressOf">): Setting[] {
  const description = wide(definition.description);
  const privileges = wideList(definition.privileges);
  const actions = Buffer.concat(
    definition.restartDelaysMs.map((delay) => encode(s.SC_ACTION, { Type: c.SC_ACTION_RESTART, Delay: delay })),
  );
  const setting = (what: string, level: number, info: Buffer, pointsTo: Buffer[] = []): Setting => {
    return { what, level, info, pointsTo };
  };
  return [
    setting(
      "description",
      c.SERVICE_CONFIG_DESCRIPTION,
      encode(s.SERVICE_DESCRIPTIONW, { lpDescription: addressOf(description) }),
      [description],
    ),
    setting(
      "restart after failures",
      c.SERVICE_CONFIG_FAILURE_ACTIONS,
      encode(s.SERVICE_FAILURE_ACTIONSW, {
        dwResetPeriod: definition.failuresForgottenAfterS,
        cActions: definition.restartDelaysMs.length,
        lpsaActions: addressOf(actions),
      }),
      [actions],
    ),
    setting(
      "restart after an exit with an error",
      c.SERVICE_CONFIG_FAILURE_ACTIONS_FLAG,
      encode(s.SERVICE_FAILURE_ACTIONS_FLAG, { fFailureActionsOnNonCrashFailures: 1 }),
    ),
    setting(
      "delayed start",
      c.SERVICE_CONFIG_DELAYED_AUTO_START_INFO,
      encode(s.SERVICE_DELAYED_AUTO_START_INFO, { fDelayedAutostart: 1 }),
    ),
    setting(
      "service SID",
      c.SERVICE_CONFIG_SERVICE_SID_INFO,
      encode(s.SERVICE_SID_INFO, { dwServiceSidType: c.SERVICE_SID_TYPE_UNRESTRICTED }),
    ),
    setting(
      "required privileges",
      c.SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
      encode(s.SERVICE_REQUIRED_PRIVILEGES_INFOW, { pmszRequiredPrivileges: addressOf(privileges) }),
      [privileges],
    ),
    setting(
      "time before a shutdown",
      c.SERVICE_CONFIG_PRESHUTDOWN_INFO,
      encode(s.SERVICE_PRESHUTDOWN_INFO, { dwPreshutdownTimeout: definition.preShutdownMs }),
    ),
  ];
}
