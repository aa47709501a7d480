/**
 * How a request gets to the server extension, and what comes back when it fails.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import {
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import { problemOfAnswer, ProblemError, unreachable } from './problem';
import type { paths } from './schema';

/**
 * Sends a request to an address below `…/envmgr/api`.
 */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

type Verb = 'get' | 'post' | 'patch' | 'delete';
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Options of a verb that destroys or changes something.
 */
export interface IForce {
  digest?: string;
  force?: boolean;
  breakLock?: boolean;
}

interface IOptions {
  body?: unknown;
  query?: Query;
  params?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/**
 * Sends requests to the addresses of the server extension.
 */
export class Sender {
  /**
   * @param fetch - What carries requests; tests give one that needs no server.
   * @param trans - The language of what the client itself has to say.
   */
  constructor(
    fetch: Fetch,
    trans: TranslationBundle = nullTranslator.load('jupyter_envmgr')
  ) {
    this._fetch = fetch;
    this._trans = trans;
  }

  /**
   * Send a request to an address of the server extension; what it answers is trusted.
   */
  async send<T>(
    verb: Verb,
    template: keyof paths,
    options: IOptions = {}
  ): Promise<T> {
    const init: RequestInit = {
      method: verb.toUpperCase(),
      // JupyterLab adds a time to the address of requests that may not be stored.
      cache: 'no-cache',
      signal: options.signal
    };
    if (options.body !== undefined) {
      init.body = JSON.stringify(options.body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    const address = addressOf(template, options.params ?? {}, options.query);
    return (await jsonOf(await this.request(address, init))) as T;
  }

  /**
   * Send a request as it stands to an address below `…/envmgr/api`.
   *
   * @throws ProblemError - If it got no answer, or one that says what is wrong.
   */
  async request(address: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this._fetch(address, init);
    } catch (error) {
      if (init.signal?.aborted) {
        throw error;
      }
      throw new ProblemError(unreachable(error, this._trans));
    }
    if (!response.ok) {
      const body = await jsonOf(response);
      const problem = problemOfAnswer(response.status, body, this._trans);
      throw new ProblemError(problem, response.status);
    }
    return response;
  }

  private readonly _fetch: Fetch;
  private readonly _trans: TranslationBundle;
}

/**
 * Requests that carry JupyterLab's token and XSRF cookie.
 */
export function serverFetch(settings: ServerConnection.ISettings): Fetch {
  const root = URLExt.join(settings.baseUrl, 'envmgr/api');
  return (path, init) =>
    ServerConnection.makeRequest(root + path, init, settings);
}

/**
 * Whether an error only says that its request was given up.
 */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function addressOf(
  template: string,
  params: Readonly<Record<string, string>>,
  query: Query = {}
): string {
  const path = template.replace(/{(\w+)}/g, (_, name: string) =>
    encodeURIComponent(params[name])
  );
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== undefined
  );
  const search = new URLSearchParams(
    pairs.map(([name, value]) => [name, String(value)])
  ).toString();
  return search ? `${path}?${search}` : path;
}

/** The query of a verb that destroys or changes something. */
export function queryOf(options: IForce): Query {
  return {
    digest: options.digest,
    force: options.force || undefined,
    break_lock: options.breakLock || undefined
  };
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown;
  } catch {
    return undefined;
  }
}
