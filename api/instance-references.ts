import { withKeptContent } from "./content/with-kept-content.ts";
import type { Instance, Probe } from "./types.generated.ts";

/** Names of Objects, all in the namespace of the Instance. */
export interface References {
  secrets: ReadonlySet<string>;
  configMaps: ReadonlySet<string>;
}

type HttpHeader = NonNullable<NonNullable<Probe["httpGet"]>["httpHeaders"]>[number];

/** The headers of all probes. */
export const headersOf = ({ startupProbe, readinessProbe, livenessProbe }: Instance["spec"]): HttpHeader[] =>
  [startupProbe, readinessProbe, livenessProbe].flatMap((probe) => probe?.httpGet?.httpHeaders ?? []);

/**
 * The Secrets and ConfigMaps that an Instance names, optional ones too: its node's agent may read these, and no others. A new field that
 * names one has to be added here (a test walks the schema).
 */
export function referencesOf(spec: Instance["spec"]): References {
  const { env = [], envFrom = [], files = [], runAs } = withKeptContent(spec);
  const secrets = [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...envFrom.map(({ secretRef }) => secretRef),
    ...headersOf(spec).map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...files.map(({ secretRef }) => secretRef),
    runAs?.passwordSecretRef,
  ];
  const configMaps = [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef),
    ...envFrom.map(({ configMapRef }) => configMapRef),
    ...files.map(({ configMapRef }) => configMapRef),
  ];
  return { secrets: named(secrets), configMaps: named(configMaps) };
}

const named = (references: readonly ({ name: string } | undefined)[]): Set<string> =>
  new Set(references.flatMap((reference) => (reference ? [reference.name] : [])));
