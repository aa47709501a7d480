/**
 * The server's verbs, typed by its OpenAPI document.
 */
import { Token } from '@lumino/coreutils';

import { ContentVerbs } from './content';
import { FileVerbs } from './files';
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
  Plan,
  RegisterRequest,
  StatusReport,
  UpdateRequest,
  UserSite
} from './schema';
import { type IForce, queryOf, Sender } from './sender';
import { UserSiteVerbs } from './usersite';

/**
 * A client of the server extension.
 */
export class Client extends Sender {
  /** The verbs on the user site and its snapshots. */
  readonly usersite = new UserSiteVerbs(this);

  /** The verbs on what is in environments, and on archives of them. */
  readonly content = new ContentVerbs(this);

  /** Archives on their way from and to the person's own computer. */
  readonly files = new FileVerbs(this);

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
}

/**
 * The client of the server that this page belongs to.
 */
export const IClient = new Token<Client>(
  'jupyter_envmgr:IClient',
  'A client of the environments server extension.'
);
