import { configFileSchema } from "./config-file.ts";

/** One setting of the file's schema, or a group of them. */
export interface SettingNode {
  /** By name; `*` stands for names that the site chooses and for entries of a list. Empty for a plain value. */
  readonly children: ReadonlyMap<string, readonly SettingNode[]>;
  /** What holds when it is left out; undefined when there is no default or it is required. */
  readonly defaultValue: unknown;
}

/** The settings as a tree, read from the schema so that it cannot grow stale. */
export const SETTING_TREE: SettingNode = readNode(configFileSchema);

/** Every setting's name. */
export const SETTING_NAMES: readonly string[] = [...collectNames(SETTING_TREE)];

/** The nodes at a place: several where the schema has alternatives, none where it knows nothing. */
export function nodesAt(path: readonly PropertyKey[]): readonly SettingNode[] {
  let nodes: readonly SettingNode[] = [SETTING_TREE];
  for (const part of path) {
    nodes = nodes.flatMap(({ children }) => children.get(String(part)) ?? children.get("*") ?? []);
  }
  return nodes;
}

/** Dotted names of all places that have a setting of this name, such as `worker.maxFrames`. */
export function placesOf(name: string): string[] {
  const places = new Set<string>();
  const visit = (node: SettingNode, prefix: string): void => {
    for (const [key, children] of node.children) {
      const place = prefix === "" ? key : `${prefix}.${key}`;
      if (key === name) places.add(place.replaceAll(".*", ".<name>"));
      for (const child of children) visit(child, place);
    }
  };
  visit(SETTING_TREE, "");
  return [...places];
}

/** zod's own description of a schema; only the fields that are looked at here. */
interface Definition {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly options?: unknown;
  readonly defaultValue?: unknown;
}

function readNode(schema: unknown): SettingNode {
  const definition = definitionOf(schema);
  const inner = definition.innerType ?? definition.in;
  if (inner !== undefined) {
    const { children, defaultValue } = readNode(inner);
    return { children, defaultValue: definition.defaultValue ?? defaultValue };
  }
  return { children: readChildren(definition), defaultValue: definition.defaultValue };
}

function readChildren({ shape, element, valueType, options }: Definition) {
  const children = new Map<string, SettingNode[]>();
  const add = (name: string, node: SettingNode): void => {
    children.set(name, [...(children.get(name) ?? []), node]);
  };
  for (const [name, child] of Object.entries(shape ?? {})) add(name, readNode(child));
  const entry = element ?? valueType;
  if (entry !== undefined) add("*", readNode(entry));
  if (Array.isArray(options)) {
    for (const option of options) {
      for (const [name, nodes] of readNode(option).children)
        for (const node of nodes) add(name, node);
    }
  }
  return children;
}

function definitionOf(schema: unknown): Definition {
  if (typeof schema !== "object" || schema === null) return {};
  const definition: unknown = Reflect.get(schema, "def");
  return typeof definition === "object" && definition !== null ? definition : {};
}

function collectNames(node: SettingNode, names = new Set<string>()): Set<string> {
  for (const [name, children] of node.children) {
    if (name !== "*") names.add(name);
    for (const child of children) collectNames(child, names);
  }
  return names;
}
