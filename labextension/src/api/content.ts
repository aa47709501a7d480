/**
 * The verbs on what is in environments: recognise, change, verify, go back, carry elsewhere.
 */
import type {
  Archive,
  ChangeRequest,
  CloneRequest,
  CreateRequest,
  Elsewhere,
  EngineList,
  EnvironmentHistory,
  Export,
  ExportRequest,
  ImportRequest,
  Job,
  OfferedPythons,
  OfferRequest,
  paths,
  Plan,
  Recognition,
  TerminalCommand,
  Verification
} from './schema';
import type { Sender } from './sender';

const PLAN = { plan: 1 };

/** What follows an environment in the addresses of its verbs. */
type Tail = keyof paths extends infer Address
  ? Address extends `/environments/{id}${infer Rest}`
    ? Rest
    : never
  : never;

/**
 * The verbs.
 */
export class ContentVerbs {
  constructor(private readonly _sender: Sender) {}

  recognise(
    text: string,
    filename: string,
    buildsGone: readonly string[],
    signal?: AbortSignal
  ): Promise<Recognition> {
    return this._sender.send('post', '/packages/recognise', {
      body: { text, filename, builds_gone: buildsGone },
      signal
    });
  }

  /** What channels offer of Python: takes seconds at first. */
  offered(body: OfferRequest, signal?: AbortSignal): Promise<OfferedPythons> {
    return this._sender.send('post', '/interpreters/offered', { body, signal });
  }

  engines(): Promise<EngineList> {
    return this._sender.send('get', '/engines');
  }

  /** The plan of a create with every package that the solver would install: takes seconds. */
  solveCreate(body: CreateRequest, signal?: AbortSignal): Promise<Plan> {
    return this._sender.send('post', '/environments', {
      body,
      signal,
      query: { ...PLAN, solve: 1 }
    });
  }

  planChange(
    id: string,
    body: ChangeRequest,
    signal?: AbortSignal
  ): Promise<Plan> {
    return this._on('post', '/packages', id, { body, query: PLAN, signal });
  }

  change(id: string, body: ChangeRequest, digest: string): Promise<Job> {
    return this._on('post', '/packages', id, { body, query: { digest } });
  }

  history(id: string): Promise<EnvironmentHistory> {
    return this._on('get', '/history', id);
  }

  planRevert(id: string, number: number, signal?: AbortSignal): Promise<Plan> {
    const body = { number };
    return this._on('post', '/history', id, { body, query: PLAN, signal });
  }

  revert(id: string, number: number, digest: string): Promise<Job> {
    const body = { number };
    return this._on('post', '/history', id, { body, query: { digest } });
  }

  planClone(
    id: string,
    body: CloneRequest,
    signal?: AbortSignal
  ): Promise<Plan> {
    return this._on('post', '/clone', id, { body, query: PLAN, signal });
  }

  clone(id: string, body: CloneRequest, breakLock = false): Promise<Job> {
    const query = { break_lock: breakLock || undefined };
    return this._on('post', '/clone', id, { body, query });
  }

  planRename(id: string, name: string, signal?: AbortSignal): Promise<Plan> {
    const body = { name };
    return this._on('post', '/rename', id, { body, query: PLAN, signal });
  }

  rename(
    id: string,
    name: string,
    digest: string,
    force: boolean
  ): Promise<Job> {
    const body = { name };
    return this._on('post', '/rename', id, { body, query: { digest, force } });
  }

  planRecreate(id: string, signal?: AbortSignal): Promise<Plan> {
    return this._on('post', '/recreate', id, { query: PLAN, signal });
  }

  recreate(id: string, digest: string): Promise<Job> {
    return this._on('post', '/recreate', id, { query: { digest } });
  }

  export(id: string, format: string): Promise<Export> {
    return this._on('get', '/export', id, { query: { format } });
  }

  verify(id: string): Promise<Job> {
    return this._on('post', '/verification', id, { body: {} });
  }

  verification(id: string): Promise<Verification> {
    return this._on('get', '/verification', id);
  }

  /** What it was asked for, all packages in one text. */
  request(id: string): Promise<Required<CreateRequest>> {
    return this._on('get', '/request', id);
  }

  elsewhere(id: string): Promise<Elsewhere> {
    return this._on('get', '/elsewhere', id);
  }

  terminal(id: string): Promise<TerminalCommand> {
    return this._on('post', '/terminal', id);
  }

  /** What a file on the server's disk says of the environment in it. */
  showArchive(path: string): Promise<Archive> {
    return this._sender.send('post', '/archives/show', { body: { path } });
  }

  planPack(body: ExportRequest, signal?: AbortSignal): Promise<Plan> {
    const query = PLAN;
    return this._sender.send('post', '/archives', { body, query, signal });
  }

  pack(body: ExportRequest): Promise<Job> {
    return this._sender.send('post', '/archives', { body });
  }

  planUnpack(body: ImportRequest, signal?: AbortSignal): Promise<Plan> {
    const query = PLAN;
    const options = { body, query, signal };
    return this._sender.send('post', '/archives/import', options);
  }

  unpack(body: ImportRequest, breakLock = false): Promise<Job> {
    const query = { break_lock: breakLock || undefined };
    return this._sender.send('post', '/archives/import', { body, query });
  }

  private _on<T>(
    verb: 'get' | 'post',
    tail: Tail,
    id: string,
    options: Parameters<Sender['send']>[2] = {}
  ): Promise<T> {
    return this._sender.send(verb, `/environments/{id}${tail}`, {
      ...options,
      params: { id }
    });
  }
}
