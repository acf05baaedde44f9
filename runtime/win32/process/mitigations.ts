import type { Mitigation, Unenforced } from "../../runtime.ts";
import { mitigationBits as bits, tokenConstants as c } from "../ffi/token-constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { nameOfError, Win32Error } from "../win32-error.ts";
import { AttributeList } from "./attribute-list.ts";

/** Bits of the policy; https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-updateprocthreadattribute */
const POLICY: Readonly<Record<Exclude<Mitigation, "NoChildProcess">, bigint>> = {
  NoDynamicCode: bits.PROCESS_CREATION_MITIGATION_POLICY_PROHIBIT_DYNAMIC_CODE_ALWAYS_ON,
  NoExtensionPoints: bits.PROCESS_CREATION_MITIGATION_POLICY_EXTENSION_POINT_DISABLE_ALWAYS_ON,
  NoWin32k: bits.PROCESS_CREATION_MITIGATION_POLICY_WIN32K_SYSTEM_CALL_DISABLE_ALWAYS_ON,
  MicrosoftSignedOnly: bits.PROCESS_CREATION_MITIGATION_POLICY_BLOCK_NON_MICROSOFT_BINARIES_ALWAYS_ON,
  NoRemoteImages: bits.PROCESS_CREATION_MITIGATION_POLICY_IMAGE_LOAD_NO_REMOTE_ALWAYS_ON,
  NoLowLabelImages: bits.PROCESS_CREATION_MITIGATION_POLICY_IMAGE_LOAD_NO_LOW_LABEL_ALWAYS_ON,
  PreferSystem32Images: bits.PROCESS_CREATION_MITIGATION_POLICY_IMAGE_LOAD_PREFER_SYSTEM32_ALWAYS_ON,
  StrictHandles: bits.PROCESS_CREATION_MITIGATION_POLICY_STRICT_HANDLE_CHECKS_ALWAYS_ON,
  ControlFlowGuard: bits.PROCESS_CREATION_MITIGATION_POLICY_CONTROL_FLOW_GUARD_ALWAYS_ON,
};

/** For an attribute list. */
export interface Attribute {
  attribute: number;
  value: Buffer;
  /** What it protects against. */
  mitigations: readonly Mitigation[];
}

export function mitigationAttributes(mitigations: readonly Mitigation[]): Attribute[] {
  const attributes: Attribute[] = [];
  const policies = mitigations.filter((name) => name !== "NoChildProcess");
  if (policies.length > 0) {
    const value = Buffer.alloc(8);
    value.writeBigUInt64LE(policies.reduce((all, name) => all | POLICY[name], 0n));
    attributes.push({ attribute: c.PROC_THREAD_ATTRIBUTE_MITIGATION_POLICY, value, mitigations: policies });
  }
  if (mitigations.includes("NoChildProcess")) {
    const value = Buffer.alloc(4);
    value.writeUInt32LE(c.PROCESS_CREATION_CHILD_PROCESS_RESTRICTED);
    attributes.push({
      attribute: c.PROC_THREAD_ATTRIBUTE_CHILD_PROCESS_POLICY,
      value,
      mitigations: ["NoChildProcess"],
    });
  }
  return attributes;
}

/** The mitigations that this Windows takes, and those that it refuses. It tries them on a list that no process gets. */
export function takenMitigations(
  api: Winapi,
  wanted: readonly Mitigation[],
): { attributes: Attribute[]; unenforced: Unenforced[] } {
  const unenforced: Unenforced[] = [];
  const attributes = mitigationAttributes(wanted).filter((one) => {
    const error = refusal(api, one);
    if (error) {
      const reason = `this Windows refuses ${one.mitigations.join(", ")}: ${nameOfError(error.code)}`;
      unenforced.push({ field: "runAs.mitigations", reason });
    }
    return error === undefined;
  });
  return { attributes, unenforced };
}

function refusal(api: Winapi, { attribute, value }: Attribute): Win32Error | undefined {
  let list: AttributeList | undefined;
  try {
    list = new AttributeList(api, 1);
    list.set(attribute, value);
    return undefined;
  } catch (error) {
    if (error instanceof Win32Error) return error;
    throw error;
  } finally {
    list?.close();
  }
}
