import type { Probe, ProcessTemplate } from "../../api/types.generated.ts";
import { keyRefCauses } from "./environment.ts";
import { type FieldError, forbiddenField, invalidHidden, invalidValue, required } from "./field-error.ts";
import { probePortCauses } from "./ports.ts";
import { programError } from "./program.ts";
import { lineError, textError } from "./text.ts";

const ACTIONS = ["httpGet", "tcpSocket", "exec"] as const;
const HEADER_NAME = /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/;

export const probeCauses = (template: ProcessTemplate, path: string): FieldError[] => [
  ...(template.startupProbe
    ? [
        ...oneProbe(template.startupProbe, `${path}.startupProbe`, template.ports),
        ...successOnce(template.startupProbe, `${path}.startupProbe`),
      ]
    : []),
  ...(template.readinessProbe ? oneProbe(template.readinessProbe, `${path}.readinessProbe`, template.ports) : []),
  ...(template.livenessProbe
    ? [
        ...oneProbe(template.livenessProbe, `${path}.livenessProbe`, template.ports),
        ...successOnce(template.livenessProbe, `${path}.livenessProbe`),
      ]
    : []),
];

function oneProbe(probe: Probe, path: string, ports: ProcessTemplate["ports"]): FieldError[] {
  const given = ACTIONS.filter((action) => probe[action]);
  if (given.length === 0) return [required(path, "must specify a handler type")];
  return [
    ...given.slice(1).map((action) => forbiddenField(`${path}.${action}`, "may not specify more than 1 handler type")),
    ...(probe.exec ? execCauses(probe.exec.command, `${path}.exec`) : []),
    ...(probe.httpGet ? httpCauses(probe.httpGet, `${path}.httpGet`) : []),
    ...(probe.tcpSocket ? hostCauses(probe.tcpSocket.host, `${path}.tcpSocket`) : []),
    ...(["httpGet", "tcpSocket"] as const).flatMap((way) =>
      probe[way] ? probePortCauses(probe[way].port, ports ?? [], `${path}.${way}.port`) : [],
    ),
  ];
}

function successOnce({ successThreshold = 1 }: Probe, path: string): FieldError[] {
  return successThreshold === 1 ? [] : [invalidValue(`${path}.successThreshold`, successThreshold, "must be 1")];
}

/** A command line of a probe or of preStop: a program, and its arguments as they are. */
export function execCauses([program = "", ...args]: readonly string[], path: string): FieldError[] {
  const error = programError(program);
  return [
    ...(error ? [invalidValue(`${path}.command[0]`, program, error)] : []),
    ...argumentCauses(args, `${path}.command`, 1),
  ];
}

/** Arguments may hold secrets, so they are not repeated. */
export function argumentCauses(args: readonly string[], path: string, first = 0): FieldError[] {
  const causes: FieldError[] = [];
  for (const [index, text] of args.entries()) {
    const error = textError(text);
    if (error) causes.push(invalidHidden(`${path}[${index + first}]`, error));
  }
  return causes;
}

function httpCauses(httpGet: NonNullable<Probe["httpGet"]>, path: string): FieldError[] {
  const causes = hostCauses(httpGet.host, path);
  const pathError = lineError(httpGet.path ?? "/");
  if (pathError) causes.push(invalidValue(`${path}.path`, httpGet.path, pathError));
  for (const [index, header] of (httpGet.httpHeaders ?? []).entries()) {
    const at = `${path}.httpHeaders[${index}]`;
    if (!HEADER_NAME.test(header.name)) {
      causes.push(
        invalidValue(
          `${at}.name`,
          header.name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name')",
        ),
      );
    }
    causes.push(...headerValueCauses(header, at));
  }
  return causes;
}

type HttpHeader = NonNullable<NonNullable<Probe["httpGet"]>["httpHeaders"]>[number];

function headerValueCauses({ value, valueFrom }: HttpHeader, at: string): FieldError[] {
  if (!valueFrom) {
    const error = value === undefined ? undefined : lineError(value);
    if (value === undefined) return [required(`${at}.value`, "must specify value or valueFrom")];
    return error ? [invalidHidden(`${at}.value`, error)] : [];
  }
  if (value !== undefined && value !== "") {
    return [invalidHidden(`${at}.valueFrom`, "may not be specified when `value` is not empty")];
  }
  if (!valueFrom.secretKeyRef) return [invalidHidden(`${at}.valueFrom`, "must specify secretKeyRef")];
  return keyRefCauses(valueFrom.secretKeyRef, `${at}.valueFrom.secretKeyRef`);
}

function hostCauses(host: string | undefined, path: string): FieldError[] {
  if (host === undefined || /^[-.:_%[\]0-9A-Za-z]{0,253}$/.test(host)) return [];
  return [invalidValue(`${path}.host`, host, "must be a host name or an address")];
}
