/** Makes JSON schemas of tools such that providers take them. The client checks the input itself, so a lost rule loses nothing. */
import { isObject, type Json, objectOf } from '../json.ts';

/** Keywords whose values are schemas by name. */
const MAPS = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas']);
/** Keywords whose values are lists of schemas. */
const LISTS = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
/** Keywords whose value is a schema. */
const SCHEMAS = new Set(['items', 'not', 'if', 'then', 'else', 'contains', 'additionalProperties']);

/** About the document, not about the value. */
const META = new Set(['$schema', '$id', '$comment', '$anchor']);

/** What Gemini behind OpenAI's format, llama.cpp's grammars and others refuse. */
const RARE = new Set([
  'propertyNames',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'unevaluatedProperties',
  'unevaluatedItems',
  'minContains',
  'maxContains',
  'contains',
  'if',
  'then',
  'else',
  'not',
  'examples',
  'default',
  'contentEncoding',
  'contentMediaType',
  'readOnly',
  'writeOnly',
  'deprecated',
  'uniqueItems',
]);

const MAX_DEPTH = 40;

type Level = 'standard' | 'plain';

interface Walk {
  level: Level;
  depth: number;
}

function cleanMap(value: unknown, walk: Walk): Json {
  const cleaned: Json = {};
  const schemas = objectOf(value);
  for (const name of Object.keys(schemas)) cleaned[name] = clean(schemas[name], walk);
  return cleaned;
}

function isLost(key: string, value: unknown, level: Level): boolean {
  if (META.has(key)) return true;
  if (level === 'plain' && (RARE.has(key) || (key === 'format' && value !== 'date-time' && value !== 'enum')))
    return true;
  // An empty schema says nothing; some providers read it as a mistake.
  return key === 'additionalProperties' && isObject(value) && (level === 'plain' || Object.keys(value).length === 0);
}

function cleanValue(key: string, value: unknown, walk: Walk): unknown {
  if (MAPS.has(key)) return cleanMap(value, walk);
  if (LISTS.has(key) && Array.isArray(value)) return value.map((schema) => clean(schema, walk));
  if (!SCHEMAS.has(key) || (key === 'additionalProperties' && typeof value === 'boolean')) return value;
  return clean(value, walk);
}

/** Loops, no lists of entries: the dozen tools of Claude Code go through here with every request. */
function clean(schema: unknown, walk: Walk): unknown {
  if (typeof schema === 'boolean') return walk.level === 'plain' ? {} : schema;
  if (!isObject(schema) || walk.depth > MAX_DEPTH) return {};
  const { level } = walk;
  const deeper = { level, depth: walk.depth + 1 };
  const cleaned: Json = {};
  for (const key of Object.keys(schema)) {
    const value = schema[key];
    if (isLost(key, value, level)) continue;
    if (key === 'const' && level === 'plain') cleaned.enum = [value];
    else cleaned[key] = cleanValue(key, value, deeper);
  }
  return cleaned;
}

function branchesOf(list: unknown): Json[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function requiredOf(schema: Json): string[] {
  return Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];
}

/** What all branches require: where one of them is enough, nothing else is sure to be needed. */
function commonlyRequired(branches: readonly Json[]): string[] {
  const [first, ...rest] = branches.map(requiredOf);
  return (first ?? []).filter((name) => rest.every((names) => names.includes(name)));
}

/** Alternatives at the root, which OpenAI refuses, as one object that has the properties of all of them. */
function mergeRoot(schema: Json): Json {
  const { anyOf, oneOf, allOf, enum: _enum, not: _not, ...rest } = schema;
  if (anyOf === undefined && oneOf === undefined && allOf === undefined) {
    return { ...rest, type: 'object', properties: objectOf(rest.properties) };
  }
  const [any, one, all] = [branchesOf(anyOf), branchesOf(oneOf), branchesOf(allOf)];
  const properties = [...any, ...one, ...all, rest].map((branch) => objectOf(branch.properties));
  const required = [requiredOf(rest), commonlyRequired(any), commonlyRequired(one), ...all.map(requiredOf)].flat();
  const { required: _required, ...other } = rest;
  const unique = [...new Set(required)];
  const merged = { ...other, type: 'object', properties: Object.assign({}, ...properties) };
  return unique.length > 0 ? { ...merged, required: unique } : merged;
}

/** The schema of a tool's input: always an object at the root. */
export function cleanToolSchema(schema: Json, level: Level): Json {
  return mergeRoot(objectOf(clean(schema, { level, depth: 0 })));
}

/** The schema of an answer: any type at the root. */
export function cleanAnswerSchema(schema: Json, level: Level): Json {
  return objectOf(clean(schema, { level, depth: 0 }));
}
