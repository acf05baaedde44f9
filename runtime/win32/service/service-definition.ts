import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs as s } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { wide, wideList } from "./wide-text.ts";

/**
 * Who may do what with the service. Only the system and administrators may send it a control of its own (`CR`): Windows' default gives
 * that to everybody who is logged on and to every service, and 128 stops this one. Those may look (query, enumerate, read the list).
 * https://learn.microsoft.com/windows/win32/services/service-security-and-access-rights
 */
export const SERVICE_ACCESS =
  "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWRC;;;IU)(A;;CCLCSWRC;;;SU)";

/** What the service control manager is told about a service at installation. */
export interface ServiceDefinition {
  name: string;
  displayName: string;
  description: string;
  /** The command line; its first word is the program, in quotes (S03). */
  commandLine: string;
  /** After a failure: wait this long, start again; the last one holds for all that follow. */
  restartDelaysMs: readonly number[];
  /** Without a failure for this long, the delays begin anew. Seconds. */
  failuresForgottenAfterS: number;
  /** The process gets these privileges of its account and no other. */
  privileges: readonly string[];
  /** How long the system waits for the service before it shuts down. */
  preShutdownMs: number;
}

/** A level of ChangeServiceConfig2W. `pointsTo` are the Buffers whose addresses are in `info`. */
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
