import type { Instance } from "../types.generated.ts";

type Spec = Instance["spec"];
type To = { name: string };

/**
 * The spec as its references lead: to the kept copies of ConfigMaps and Secrets where `keptContent` names them (0045). What was not there then is
 * left out. Files of a program that is told of new content in place (Signal, Exec) are no part of a revision: they stay as they are.
 */
export function withKeptContent(spec: Spec): Spec {
  const { keptContent = [], ...rest } = spec;
  if (keptContent.length === 0) return spec;
  const kept = new Map(keptContent.map(({ kind, name, keptAs }) => [`${kind}/${name}`, keptAs]));
  const led = (kind: "ConfigMap" | "Secret", to: To | undefined): { name: string } | "absent" | undefined => {
    const place = `${kind}/${to?.name}`;
    if (!to || !kept.has(place)) return to;
    const keptAs = kept.get(place);
    return keptAs === undefined ? "absent" : { ...to, name: keptAs };
  };
  const { env, envFrom, files } = rest;
  return {
    ...rest,
    ...(env && { env: env.flatMap((one) => (one.valueFrom ? variable(one, led) : [one])) }),
    ...(envFrom && { envFrom: envFrom.flatMap((one) => source(one, led)) }),
    ...(files && { files: rest.configChange ? files : files.flatMap((one) => source(one, led)) }),
  };
}

type Led = (kind: "ConfigMap" | "Secret", to: To | undefined) => To | "absent" | undefined;

function variable<V extends NonNullable<Spec["env"]>[number]>(one: V, led: Led): V[] {
  const configMapKeyRef = led("ConfigMap", one.valueFrom?.configMapKeyRef);
  const secretKeyRef = led("Secret", one.valueFrom?.secretKeyRef);
  if (configMapKeyRef === "absent" || secretKeyRef === "absent") return [];
  const valueFrom = {
    ...one.valueFrom,
    ...(configMapKeyRef && { configMapKeyRef }),
    ...(secretKeyRef && { secretKeyRef }),
  };
  return [{ ...one, valueFrom }];
}

function source<S extends { configMapRef?: To; secretRef?: To }>(one: S, led: Led): S[] {
  const configMapRef = led("ConfigMap", one.configMapRef);
  const secretRef = led("Secret", one.secretRef);
  if (configMapRef === "absent" || secretRef === "absent") return [];
  return [{ ...one, ...(configMapRef && { configMapRef }), ...(secretRef && { secretRef }) }];
}
