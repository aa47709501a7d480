import { Client, isAbort, problemOf, ProblemError, textOf } from '../api';

interface ISent {
  path: string;
  init: RequestInit;
}

function clientOf(status: number, body: unknown, type = 'application/json') {
  const sent: ISent[] = [];
  const client = new Client((path, init) => {
    sent.push({ path, init });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return Promise.resolve(
      new Response(text, { status, headers: { 'Content-Type': type } })
    );
  });
  return { client, sent };
}

async function problemIn(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(ProblemError);
  return (error as ProblemError).problem;
}

describe('Client', () => {
  it('asks for what the verb is about, with its name made safe', async () => {
    const { client, sent } = clientOf(200, { id: 'a/b' });
    await client.environment('a/b ü');
    expect(sent[0].path).toBe('/environments/a%2Fb%20%C3%BC');
    expect(sent[0].init.method).toBe('GET');
  });

  it('leaves out what is not said', async () => {
    const { client, sent } = clientOf(200, {});
    await client.environments();
    await client.environments(true);
    expect(sent.map(request => request.path)).toEqual([
      '/environments',
      '/environments?fresh=true'
    ]);
  });

  it('sends the digest of the plan that was looked at', async () => {
    const { client, sent } = clientOf(202, {});
    await client.remove('training', { digest: 'abc', force: true });
    expect(sent[0].path).toBe('/environments/training?digest=abc&force=true');
    expect(sent[0].init.method).toBe('DELETE');
  });

  it('sends bodies as JSON', async () => {
    const { client, sent } = clientOf(200, {});
    await client.update('training', { remarks: 'für später' });
    expect(JSON.parse(sent[0].init.body as string)).toEqual({
      remarks: 'für später'
    });
    expect(sent[0].init.headers).toEqual({
      'Content-Type': 'application/json'
    });
  });

  it('gives the problem that the server describes', async () => {
    const { client } = clientOf(409, {
      code: 'name-taken',
      kind: 'conflict',
      title: 'The name is taken',
      detail: 'training is being made',
      hint: 'Choose another',
      errors: [{ field: 'name', detail: 'taken', line: null }]
    });
    const problem = await problemIn(client.create({ name: 'training' }));
    expect(problem.code).toBe('name-taken');
    expect(problem.errors[0].field).toBe('name');
    expect(textOf(problem)).toContain('training is being made');
  });

  it('says that the server half is missing', async () => {
    const { client } = clientOf(404, '<html>404</html>', 'text/html');
    const problem = await problemIn(client.status());
    expect(problem.code).toBe('no-server-extension');
    expect(problem.hint).toContain(
      'jupyter server extension enable jupyter_envmgr'
    );
  });

  it('says that the server cannot be reached', async () => {
    const client = new Client(() => Promise.reject(new Error('refused')));
    const problem = await problemIn(client.status());
    expect(problem.code).toBe('server-unreachable');
    expect(problem.detail).toBe('refused');
  });

  it('takes no blame for a request that was given up', async () => {
    const abort = new AbortController();
    const client = new Client(() => {
      abort.abort();
      return Promise.reject(new DOMException('gone', 'AbortError'));
    });
    const error = await client
      .events('j1', 0, 20, abort.signal)
      .catch((reason: unknown) => reason);
    expect(isAbort(error)).toBe(true);
  });

  it('makes a problem of anything', () => {
    expect(problemOf(new Error('boom')).detail).toBe('boom');
    expect(problemOf('text').detail).toBe('text');
    expect(problemOf(undefined).kind).toBe('internal');
  });
});
