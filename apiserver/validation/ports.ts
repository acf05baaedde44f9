import type { PortSpec, ProcessSpec } from "../../api/types.generated.ts";
import { duplicate, type FieldError, invalidValue, notSupported } from "./field-error.ts";

const HIGHEST = 65_535;

/** Two ports of one copy have different numbers. Equal names are the schema's to refuse. */
export function portCauses(ports: readonly PortSpec[], path: string): FieldError[] {
  const seen = new Map<string, string>();
  return ports.flatMap((one, index) => {
    const { name, port, perInstance, protocol = "TCP" } = one;
    if (port === undefined) {
      const needless = "each copy is given a number of its own already, because port is not set";
      return perInstance === true ? [invalidValue(`${path}[${index}].perInstance`, true, needless)] : [];
    }
    // Equal bases that differ in perInstance meet in copy 0.
    const earlier = seen.get(`${port}/${protocol}`);
    seen.set(`${port}/${protocol}`, earlier ?? name);
    return earlier === undefined ? [] : [duplicate(`${path}[${index}].port`, port, `the port ${earlier} has it too`)];
  });
}

/** The highest copy still has a number, and no copy has that of another port of another copy. */
export function portRangeCauses({ ports = [], replicas = 1 }: ProcessSpec, path: string): FieldError[] {
  const last = Math.max(0, replicas - 1);
  const fixed = ports.map(({ port, ...one }) => ({ ...one, port: port ?? Number.NaN }));
  return fixed.flatMap((one, index) => {
    const [from, to] = rangeOf(one, last);
    const field = `${path}.ports[${index}].port`;
    if (to > HIGHEST)
      return [invalidValue(field, from, `copy ${last} would have ${to}; the highest port is ${HIGHEST}`)];
    const other = fixed.slice(0, index).find((earlier) => {
      const [low, high] = rangeOf(earlier, last);
      return isSameProtocol(earlier, one) && earlier.port !== one.port && low <= to && from <= high;
    });
    if (!other) return [];
    const apart = `the ports of ${replicas} copies (${from} to ${to}) overlap those of ${other.name} (${rangeOf(other, last).join(" to ")})`;
    return [invalidValue(field, from, apart)];
  });
}

/** `port` of a probe: a number, or the name of a declared port. */
export function probePortCauses(port: number | string, ports: readonly PortSpec[], field: string): FieldError[] {
  if (typeof port === "number") return [];
  if (/^\d+$/.test(port)) return [invalidValue(field, port, `a number is written without quotes: ${port}`)];
  const named = ports.find(({ name }) => name === port);
  if (named?.protocol === "UDP") return [invalidValue(field, port, "a probe reaches TCP ports only")];
  if (named) return [];
  if (ports.length === 0) return [invalidValue(field, port, "there is no port of this name: spec.ports is empty")];
  return [
    notSupported(
      field,
      port,
      ports.map(({ name }) => name),
    ),
  ];
}

/** With NaN, the number is to be given, and nothing compares with it. */
type Numbered = PortSpec & { port: number };

const rangeOf = ({ port, perInstance }: Numbered, last: number): [number, number] => [
  port,
  perInstance ? port + last : port,
];
const isSameProtocol = (a: PortSpec, b: PortSpec): boolean => (a.protocol ?? "TCP") === (b.protocol ?? "TCP");
