/**
 * A set of paths to fields, as `managedFields` has it on the wire (`fieldsV1`, KEP-555): a tree of path elements (`path-element.ts`), in which a path is
 * in the set when its node is empty, or has a member `.` beside what is below it. The tree of stored sets is used as it is and shared, never changed: what
 * an operation leaves alone comes back as the same object. The empty set is an empty tree.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The member that says that the path itself is in the set. */
export const SELF = ".";

/** A path that is in the set, with nothing below. */
export const LEAF: FieldSet = Object.freeze({});

export const noFields: FieldSet = Object.freeze({});

export const isEmptySet = (set: FieldSet): boolean => Object.keys(set).length === 0;

/** Is the path of this node in the set? Asked of a node below the root. */
export const isMember = (node: FieldSet): boolean => Object.hasOwn(node, SELF) || isEmptySet(node);

/** The node of an element, when there is one. */
export const below = (node: FieldSet, element: string): FieldSet | undefined =>
  Object.hasOwn(node, element) ? node[element] : undefined;

/** A node in its one form; undefined when neither the path nor anything below it is in the set. */
export function nodeOf(member: boolean, parts: FieldSet): FieldSet | undefined {
  if (isEmptySet(parts)) return member ? LEAF : undefined;
  return member ? { [SELF]: LEAF, ...parts } : parts;
}

/** The node with its own path in the set. */
export const asMember = (node: FieldSet): FieldSet => (isMember(node) ? node : { [SELF]: LEAF, ...node });

/** The elements below a node. */
export const elementsOf = (node: FieldSet): string[] => Object.keys(node).filter((element) => element !== SELF);

/** `a` itself when it has all of `b`, as in most writes: who changes a field mostly owns it. */
export const union = (a: FieldSet, b: FieldSet): FieldSet => (isEmptySet(b) || includes(a, b) ? a : unionOf([a, b]));

function includes(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (isMember(b) && !isMember(a)) return false;
  return elementsOf(b).every((element) => {
    const mine = below(a, element);
    return mine !== undefined && includes(mine, b[element] as FieldSet);
  });
}

/** Of any number of sets, in one pass. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  const filled = sets.filter((set) => !isEmptySet(set));
  return filled.length === 0 ? noFields : uniteAll(filled);
}

function uniteAll(nodes: readonly FieldSet[]): FieldSet {
  const [first = noFields, ...others] = nodes;
  if (others.every((node) => node === first)) return first;
  const together = new Map<string, FieldSet[]>();
  for (const node of nodes) {
    for (const element of elementsOf(node)) {
      const found = together.get(element);
      if (found) found.push(node[element] as FieldSet);
      else together.set(element, [node[element] as FieldSet]);
    }
  }
  const parts = Object.fromEntries([...together].map(([element, found]) => [element, uniteAll(found)]));
  return nodeOf(nodes.some(isMember), parts) ?? noFields;
}

/** The paths of `a` that are not in `b`. What is below a path of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  return subtract(a, b) ?? noFields;
}

function subtract(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const parts: Record<string, FieldSet> = {};
  const member = isMember(a) && !isMember(b);
  let same = member === isMember(a);
  for (const element of elementsOf(a)) {
    const mine = a[element] as FieldSet;
    const other = below(b, element);
    const left = other ? subtract(mine, other) : mine;
    same &&= left === mine;
    if (left) parts[element] = left;
  }
  return same ? a : nodeOf(member, parts);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return noFields;
  return intersect(a, b) ?? noFields;
}

function intersect(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const parts: Record<string, FieldSet> = {};
  for (const element of elementsOf(a)) {
    const other = below(b, element);
    const both = other && intersect(a[element] as FieldSet, other);
    if (both) parts[element] = both;
  }
  return nodeOf(isMember(a) && isMember(b), parts);
}

/** Every path of the set; those of one length before what is below them. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = elementsOf(set).sort();
  for (const element of elements) if (isMember(set[element] as FieldSet)) yield [...prefix, element];
  for (const element of elements) yield* pathsOf(set[element] as FieldSet, [...prefix, element]);
}

export const setOf = (...paths: readonly (readonly string[])[]): FieldSet =>
  paths
    .map((path) => path.reduceRight((node: FieldSet, element) => ({ [element]: node }), LEAF))
    .reduce(union, noFields);

/** A set that is being made. */
export interface Tree {
  [element: string]: FieldSet | Tree;
}

/** Puts a node where there is none yet, and not below a leaf either. */
export function insert(root: Tree, path: readonly string[], node: FieldSet): void {
  let tree = root;
  for (const element of path.slice(0, -1)) {
    tree[element] ??= {};
    tree = tree[element] as Tree;
  }
  tree[path.at(-1) as string] = node;
}
