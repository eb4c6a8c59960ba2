/**
 * Finds the requirement ids that a test file cites, by parsing it: what a comment or a string says is no citation, and one
 * that may never run is a fault.
 */
import { parseAst } from 'vitest/node';

interface Citation {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

export interface Citations {
  readonly citations: readonly Citation[];
  /** `file:line: what is wrong and what to do`. */
  readonly faults: readonly string[];
}

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

const NOT_RUN = new Set(['skip', 'todo', 'skipIf', 'runIf', 'fails']);
const CONDITIONS = new Set(['IfStatement', 'ConditionalExpression', 'LogicalExpression', 'SwitchCase']);
const REGISTRARS = new Set(['describe', 'suite', 'test', 'it', 'verifies']);

export function citationsIn(file: string, source: string): Citations {
  const citations: Citation[] = [];
  const faults: string[] = [];
  const lineOf = (node: SyntaxNode): number => source.slice(0, node.start).split('\n').length;
  const fault = (node: SyntaxNode, reason: string): void => {
    faults.push(`${file}:${lineOf(node)}: ${reason}`);
  };
  let imported = false;

  const visit = (node: SyntaxNode, ancestors: readonly SyntaxNode[]): void => {
    if (node.type === 'ImportDeclaration') {
      const kind = importKind(node);
      if (kind === 'plain') imported = true;
      if (kind === 'renamed') fault(node, 'import verifies under its own name, so that citations are found');
    }
    if (node.type === 'CallExpression') {
      const { base, modifiers } = calleeOf(node);
      if (base === 'verifies' && modifiers.length > 0)
        fault(node, `verifies has no ${modifiers.join('.')}; cite in a test that runs`);
      if (base === 'verifies' && modifiers.length === 0) {
        if (!imported) fault(node, 'verifies is not the one of test/verifies.ts');
        for (const reason of faultsOfCall(node, ancestors)) fault(node, reason);
        for (const id of citedIds(node) ?? []) citations.push({ id, file, line: lineOf(node) });
      }
    }
    for (const child of childrenOf(node)) visit(child, [...ancestors, node]);
  };
  visit(asNode(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }, file)), []);
  return { citations, faults };
}

function faultsOfCall(call: SyntaxNode, ancestors: readonly SyntaxNode[]): string[] {
  const faults: string[] = [];
  const ids = citedIds(call);
  const args = nodesIn(call.arguments);
  const body = args.at(-1);
  if (ids === undefined) faults.push("the first argument of verifies is a list of literal ids: ['agent-api/health']");
  else if (ids.length === 0) faults.push('verifies cites no id');
  else if (new Set(ids).size < ids.length) faults.push('verifies cites an id twice');
  if (args.length < 3 || body === undefined || isEmptyBody(body)) faults.push('verifies has no test body');
  if (ancestors.some(isNotRun) || args.some(hasNotRunOption))
    faults.push('a test that may be skipped cites a requirement');
  if (args.some(callsSkip)) faults.push('a test that can skip itself cites a requirement');
  if (ancestors.some((ancestor) => CONDITIONS.has(ancestor.type)))
    faults.push('a test that is not always registered cites a requirement');
  return faults;
}

function importKind(node: SyntaxNode): 'none' | 'plain' | 'renamed' {
  if (!/(^|\/)verifies\.ts$/.test(String(asNode(node.source).value))) return 'none';
  const specifiers = nodesIn(node.specifiers).filter(
    (specifier) => specifier.type !== 'ImportSpecifier' || asNode(specifier.imported).name === 'verifies',
  );
  if (specifiers.length === 0) return 'none';
  return specifiers.every((specifier) => asNode(specifier.local).name === 'verifies') ? 'plain' : 'renamed';
}

/** `describe.skipIf(x)('…')` is base `describe` with the modifier `skipIf`. */
function calleeOf(call: SyntaxNode): { base: string | undefined; modifiers: string[] } {
  const modifiers: string[] = [];
  let callee = asNode(call.callee);
  while (callee.type === 'MemberExpression' || callee.type === 'CallExpression') {
    if (callee.type === 'MemberExpression') modifiers.unshift(String(asNode(callee.property).name ?? '?'));
    callee = asNode(callee.type === 'MemberExpression' ? callee.object : callee.callee);
  }
  return { base: callee.type === 'Identifier' ? String(callee.name) : undefined, modifiers };
}

function isNotRun(node: SyntaxNode): boolean {
  if (node.type !== 'CallExpression') return false;
  const { base, modifiers } = calleeOf(node);
  if (base === undefined || !REGISTRARS.has(base)) return false;
  return modifiers.some((modifier) => NOT_RUN.has(modifier)) || nodesIn(node.arguments).some(hasNotRunOption);
}

function hasNotRunOption(node: SyntaxNode): boolean {
  if (node.type !== 'ObjectExpression') return false;
  return nodesIn(node.properties).some(
    (property) => property.type === 'Property' && NOT_RUN.has(String(asNode(property.key).name)),
  );
}

function callsSkip(node: SyntaxNode): boolean {
  if (node.type === 'CallExpression') {
    const callee = asNode(node.callee);
    const named = callee.type === 'MemberExpression' ? asNode(callee.property) : callee;
    if (named.type === 'Identifier' && named.name === 'skip') return true;
  }
  return childrenOf(node).some(callsSkip);
}

function isEmptyBody(node: SyntaxNode): boolean {
  if (node.type === 'ObjectExpression' || node.type === 'Literal') return true;
  if (node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionExpression') return false;
  const body = asNode(node.body);
  return body.type === 'BlockStatement' && nodesIn(body.body).length === 0;
}

/** The ids of the call, or nothing when they cannot be read from the source. */
function citedIds(call: SyntaxNode): string[] | undefined {
  const list = nodesIn(call.arguments)[0];
  if (list?.type !== 'ArrayExpression') return undefined;
  const ids = nodesIn(list.elements).map((element) => element.value);
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? nodesIn(value) : isNode(value) ? [value] : []));
}

function nodesIn(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function asNode(value: unknown): SyntaxNode {
  if (!isNode(value)) throw new TypeError('the parser gave something that is no syntax node');
  return value;
}
