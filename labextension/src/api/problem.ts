/**
 * What went wrong, as a value that every part of the interface can show.
 */
import {
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import type { FieldError, Problem } from './schema';

/**
 * An error that carries the problem that the server, or the way to it, reported.
 */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number = 0
  ) {
    super(problem.detail || problem.title);
    this.name = 'ProblemError';
  }
}

const KINDS: readonly string[] = [
  'invalid',
  'not-found',
  'conflict',
  'busy',
  'unavailable',
  'failed',
  'refused',
  'cancelled',
  'internal'
];

/**
 * The problem that an answer with an error status describes.
 *
 * @param status - The HTTP status.
 * @param body - The decoded body, or undefined where it was not JSON.
 */
export function problemOfAnswer(
  status: number,
  body: unknown,
  trans: TranslationBundle = nullTranslator.load('jupyter_envmgr')
): Problem {
  const given = isObject(body) ? body : {};
  if (typeof given.code === 'string' && typeof given.title === 'string') {
    return {
      code: given.code,
      kind: kindOf(given.kind, status),
      title: given.title,
      detail: text(given.detail) || text(given.message),
      hint: text(given.hint),
      context: isObject(given.context)
        ? (given.context as Record<string, string>)
        : null,
      errors: fieldErrors(given.errors)
    };
  }
  if (status === 404 || status === 405) {
    return made(
      'no-server-extension',
      'unavailable',
      trans.__('The server part of this extension does not answer'),
      trans.__(
        'The server extension jupyter_envmgr is switched off, or not installed in the Python that Jupyter runs with.'
      ),
      trans.__(
        'Run “jupyter server extension enable jupyter_envmgr”, then restart Jupyter.'
      )
    );
  }
  if (status === 401 || status === 403) {
    return made(
      'not-allowed',
      'refused',
      trans.__('You may not do this'),
      text(given.message) ||
        trans.__('The server refused the request (status %1).', status),
      trans.__('Log in again, or ask the administrator.')
    );
  }
  return made(
    'internal',
    'internal',
    trans.__('The server answered with an error'),
    text(given.message) ||
      trans.__('Status %1, without an explanation.', status),
    trans.__('The log of the Jupyter server says more.')
  );
}

/**
 * Anything that was thrown, as a problem.
 */
export function problemOf(
  error: unknown,
  trans: TranslationBundle = nullTranslator.load('jupyter_envmgr')
): Problem {
  if (error instanceof ProblemError) {
    return error.problem;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return made(
    'internal',
    'internal',
    trans.__('Something went wrong'),
    detail,
    ''
  );
}

/**
 * The problem of a request that never got an answer.
 */
export function unreachable(
  error: unknown,
  trans: TranslationBundle = nullTranslator.load('jupyter_envmgr')
): Problem {
  return made(
    'server-unreachable',
    'unavailable',
    trans.__('The Jupyter server cannot be reached'),
    error instanceof Error ? error.message : String(error),
    trans.__('Check the network connection; it is tried again by itself.')
  );
}

/**
 * Whether a problem is of the way to the server, and so the same wherever it is met.
 */
export function isOfServer(problem: Problem): boolean {
  return ['no-server-extension', 'server-unreachable'].includes(problem.code);
}

/**
 * A problem as text for the clipboard.
 */
export function textOf(problem: Problem): string {
  const lines = [problem.title, problem.detail, problem.hint];
  for (const error of problem.errors) {
    const line = error.line === null ? '' : `:${error.line}`;
    lines.push(`${error.field}${line}: ${error.detail}`);
  }
  lines.push(`(${problem.code})`);
  return lines.filter(line => line !== '').join('\n');
}

function made(
  code: string,
  kind: Problem['kind'],
  title: string,
  detail: string,
  hint: string
): Problem {
  return { code, kind, title, detail, hint, context: null, errors: [] };
}

function kindOf(kind: unknown, status: number): Problem['kind'] {
  if (typeof kind === 'string' && KINDS.includes(kind)) {
    return kind as Problem['kind'];
  }
  return status >= 500 ? 'internal' : 'invalid';
}

function fieldErrors(errors: unknown): FieldError[] {
  if (!Array.isArray(errors)) {
    return [];
  }
  return errors.filter(isObject).map(error => ({
    field: text(error.field),
    detail: text(error.detail),
    code: text(error.code) || 'bad-request',
    line: typeof error.line === 'number' ? error.line : null,
    column: typeof error.column === 'number' ? error.column : null
  }));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
