/**
 * The server's verbs, typed by its OpenAPI document.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import {
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import { ContentVerbs } from './content';
import { problemOfAnswer, ProblemError, unreachable } from './problem';
import type {
  CreateRequest,
  Environment,
  EnvironmentList,
  EnvironmentSize,
  EventList,
  InterpreterList,
  Job,
  JobList,
  Kernel,
  KernelList,
  PackageList,
  paths,
  Plan,
  RegisterRequest,
  StatusReport,
  UpdateRequest,
  UserSite
} from './schema';
import { UserSiteVerbs } from './usersite';

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
 * A client of the server extension.
 */
export class Client {
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
    this.usersite = new UserSiteVerbs(this);
    this.content = new ContentVerbs(this);
  }

  /** The verbs on the user site and its snapshots. */
  readonly usersite: UserSiteVerbs;

  /** The verbs on what is in environments, and on archives of them. */
  readonly content: ContentVerbs;

  status(): Promise<StatusReport> {
    return this.send('get', '/status');
  }

  environments(fresh = false): Promise<EnvironmentList> {
    return this.send('get', '/environments', {
      query: { fresh: fresh || undefined }
    });
  }

  environment(id: string): Promise<Environment> {
    return this.send('get', '/environments/{id}', { params: { id } });
  }

  planCreate(body: CreateRequest, signal?: AbortSignal): Promise<Plan> {
    return this.send('post', '/environments', {
      body,
      signal,
      query: { plan: 1 }
    });
  }

  create(body: CreateRequest): Promise<Job> {
    return this.send('post', '/environments', { body });
  }

  retry(id: string, breakLock = false): Promise<Job> {
    return this.send('post', '/environments/{id}/retry', {
      params: { id },
      query: { break_lock: breakLock || undefined }
    });
  }

  update(id: string, body: UpdateRequest): Promise<Environment> {
    return this.send('patch', '/environments/{id}', { params: { id }, body });
  }

  planRemove(id: string): Promise<Plan> {
    return this.send('delete', '/environments/{id}', {
      params: { id },
      query: { plan: 1 }
    });
  }

  remove(id: string, options: IForce = {}): Promise<Job> {
    return this.send('delete', '/environments/{id}', {
      params: { id },
      query: queryOf(options)
    });
  }

  size(id: string): Promise<EnvironmentSize> {
    return this.send('get', '/environments/{id}/size', { params: { id } });
  }

  packages(id: string): Promise<PackageList> {
    return this.send('get', '/environments/{id}/packages', {
      params: { id }
    });
  }

  interpreters(): Promise<InterpreterList> {
    return this.send('get', '/interpreters');
  }

  userSite(size = false): Promise<UserSite> {
    return this.send('get', '/usersite', {
      query: { size: size || undefined }
    });
  }

  kernels(): Promise<KernelList> {
    return this.send('get', '/kernels');
  }

  planRegister(body: RegisterRequest): Promise<Plan> {
    return this.send('post', '/kernels', { body, query: { plan: 1 } });
  }

  register(body: RegisterRequest): Promise<Kernel> {
    return this.send('post', '/kernels', { body });
  }

  planUnregister(name: string): Promise<Plan> {
    return this.send('delete', '/kernels/{name}', {
      params: { name },
      query: { plan: 1 }
    });
  }

  unregister(name: string, options: IForce = {}): Promise<Kernel> {
    return this.send('delete', '/kernels/{name}', {
      params: { name },
      query: queryOf(options)
    });
  }

  jobs(): Promise<JobList> {
    return this.send('get', '/jobs');
  }

  job(id: string): Promise<Job> {
    return this.send('get', '/jobs/{id}', { params: { id } });
  }

  /**
   * The events after `after`; waits up to `wait` seconds where there are none.
   */
  events(
    id: string,
    after: number,
    wait: number,
    signal?: AbortSignal
  ): Promise<EventList> {
    return this.send('get', '/jobs/{id}/events', {
      params: { id },
      query: { after, wait },
      signal
    });
  }

  cancelJob(id: string): Promise<Job> {
    return this.send('post', '/jobs/{id}/cancel', { params: { id } });
  }

  removeJob(id: string): Promise<Job> {
    return this.send('delete', '/jobs/{id}', { params: { id } });
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
    let response: Response;
    try {
      response = await this._fetch(address, init);
    } catch (error) {
      if (options.signal?.aborted) {
        throw error;
      }
      throw new ProblemError(unreachable(error, this._trans));
    }
    const body = await jsonOf(response);
    if (!response.ok) {
      const problem = problemOfAnswer(response.status, body, this._trans);
      throw new ProblemError(problem, response.status);
    }
    return body as T;
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

/**
 * The client of the server that this page belongs to.
 */
export const IClient = new Token<Client>(
  'jupyter_envmgr:IClient',
  'A client of the environments server extension.'
);

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
