/**
 * The verbs on the user site: see it, prove what it breaks, set it aside, bring it back.
 */
import { ProblemError } from './problem';
import type {
  Arrival,
  Comparison,
  Diagnosis,
  ErrorHint,
  HintRequest,
  InstallRequest,
  IsolateRequest,
  Job,
  Plan,
  ProbeRequest,
  ProfileRequest,
  Proof,
  Recovery,
  Reinstall,
  RemoveRequest,
  RequirementsText,
  ResetRequest,
  RestoreRequest,
  Scan,
  Snapshot,
  SnapshotList,
  SnapshotUpdate
} from './schema';
import { type IForce, queryOf, type Sender } from './sender';

const PLAN = { plan: 1 };

/**
 * What a diagnosis is for: a kernel, or an interpreter; neither is the image's own Python.
 */
export interface ISubject {
  readonly kernel?: string;
  readonly interpreter?: string;
}

/**
 * The verbs.
 */
export class UserSiteVerbs {
  constructor(private readonly _sender: Sender) {}

  scan(size = false): Promise<Scan> {
    const query = { size: size || undefined };
    return this._sender.send('get', '/usersite/scan', { query });
  }

  /**
   * What is wrong with it; null where the server has no diagnosis.
   */
  async diagnosis(
    subject: ISubject = {},
    fresh = false,
    signal?: AbortSignal
  ): Promise<Diagnosis | null> {
    const { kernel, interpreter } = subject;
    try {
      return await this._sender.send('get', '/usersite/diagnosis', {
        query: {
          kernel: kernel || undefined,
          interpreter: interpreter || undefined,
          fresh: fresh || undefined
        },
        signal
      });
    } catch (error) {
      if (
        error instanceof ProblemError &&
        error.problem.code === 'no-such-page'
      ) {
        return null;
      }
      throw error;
    }
  }

  hint(body: HintRequest): Promise<ErrorHint> {
    return this._sender.send('post', '/usersite/hint', { body });
  }

  probe(body: ProbeRequest): Promise<Job> {
    return this._sender.send('post', '/usersite/probes', { body });
  }

  proof(id: string): Promise<Proof> {
    return this._sender.send('get', '/usersite/probes/{id}', {
      params: { id }
    });
  }

  planReset(body: ResetRequest): Promise<Plan> {
    return this._sender.send('post', '/usersite/reset', { body, query: PLAN });
  }

  reset(body: ResetRequest, options: IForce): Promise<Job> {
    const query = queryOf(options);
    return this._sender.send('post', '/usersite/reset', { body, query });
  }

  recover(undo: boolean, breakLock = false): Promise<Recovery> {
    return this._sender.send('post', '/usersite/recover', {
      body: { undo },
      query: queryOf({ breakLock })
    });
  }

  planRemove(body: RemoveRequest): Promise<Plan> {
    return this._sender.send('post', '/usersite/remove', { body, query: PLAN });
  }

  /** Delete for good; `confirm` in the body is the subject of the plan. */
  remove(body: RemoveRequest, options: IForce): Promise<Job> {
    const query = queryOf(options);
    return this._sender.send('post', '/usersite/remove', { body, query });
  }

  planIsolate(body: IsolateRequest): Promise<Plan> {
    return this._sender.send('post', '/usersite/isolate', {
      body,
      query: PLAN
    });
  }

  isolate(body: IsolateRequest, options: IForce): Promise<Plan> {
    const query = queryOf(options);
    return this._sender.send('post', '/usersite/isolate', { body, query });
  }

  planProfile(body: ProfileRequest): Promise<Plan> {
    return this._sender.send('post', '/usersite/profile', {
      body,
      query: PLAN
    });
  }

  profile(body: ProfileRequest, options: IForce): Promise<Plan> {
    const query = queryOf(options);
    return this._sender.send('post', '/usersite/profile', { body, query });
  }

  undo(body: IsolateRequest): Promise<Plan> {
    return this._sender.send('post', '/usersite/undo', { body });
  }

  /** Whether this is another image than last time, and what clashes here. */
  arrival(): Promise<Arrival> {
    return this._sender.send('get', '/usersite/arrival');
  }

  /** Note that the person was told of it. */
  told(): Promise<Arrival> {
    return this._sender.send('post', '/usersite/arrival');
  }

  snapshots(): Promise<SnapshotList> {
    return this._sender.send('get', '/usersite/snapshots');
  }

  planAdopt(path: string, name = ''): Promise<Plan> {
    const body = { path, name };
    return this._sender.send('post', '/usersite/adopt', { body, query: PLAN });
  }

  adopt(path: string, name: string, options: IForce): Promise<Snapshot> {
    const body = { path, name };
    const query = queryOf(options);
    return this._sender.send('post', '/usersite/adopt', { body, query });
  }

  renameSnapshot(name: string, body: SnapshotUpdate): Promise<Snapshot> {
    const params = { name };
    return this._sender.send('patch', '/usersite/snapshots/{name}', {
      params,
      body
    });
  }

  planDelete(name: string): Promise<Plan> {
    return this._sender.send('delete', '/usersite/snapshots/{name}', {
      params: { name },
      query: PLAN
    });
  }

  delete(name: string, options: IForce): Promise<Job> {
    return this._sender.send('delete', '/usersite/snapshots/{name}', {
      params: { name },
      query: queryOf(options)
    });
  }

  planRestore(name: string, body: RestoreRequest): Promise<Plan> {
    const params = { name };
    return this._sender.send('post', '/usersite/snapshots/{name}/restore', {
      params,
      body,
      query: PLAN
    });
  }

  restore(name: string, body: RestoreRequest, options: IForce): Promise<Job> {
    const params = { name };
    return this._sender.send('post', '/usersite/snapshots/{name}/restore', {
      params,
      body,
      query: queryOf(options)
    });
  }

  /**
   * A snapshot beside `present`, `image` or another snapshot.
   */
  compare(name: string, other: string): Promise<Comparison> {
    return this._sender.send('get', '/usersite/snapshots/{name}/comparison', {
      params: { name },
      query: { with: other }
    });
  }

  requirements(name: string): Promise<RequirementsText> {
    return this._sender.send('get', '/usersite/snapshots/{name}/requirements', {
      params: { name }
    });
  }

  reinstall(name: string): Promise<Reinstall> {
    return this._sender.send('get', '/usersite/snapshots/{name}/reinstall', {
      params: { name }
    });
  }

  planInstall(body: InstallRequest): Promise<Plan> {
    return this._sender.send('post', '/packages/install', {
      body,
      query: PLAN
    });
  }

  install(body: InstallRequest, options: IForce): Promise<Job> {
    return this._sender.send('post', '/packages/install', {
      body,
      query: queryOf(options)
    });
  }
}
