import { ServerConnection } from '@jupyterlab/services';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';

import { Client, problemOf, ProblemError } from '../api';
import { contentsPathOf } from '../archives/files';
import { readText } from '../archives/reading';
import { PIECE, send } from '../archives/uploading';
import { hasPacked, PackedArchives } from '../jobs/packed';
import { voiceOf } from '../text/words';
import { job, settle } from './make';

type Answer = (path: string, init: RequestInit) => Response | Promise<Response>;

function clientOf(answer: Answer) {
  const sent: { path: string; init: RequestInit }[] = [];
  const client = new Client(async (path, init) => {
    sent.push({ path, init });
    return answer(path, init);
  });
  return { client, sent };
}

function problem(status: number, code: string, kind: string): Response {
  return new Response(JSON.stringify({ code, kind, title: code }), { status });
}

const PACKED = job({
  operation: 'archives.export',
  state: 'succeeded',
  result: { path: '/home/ada/project/a b.tar.gz', size: '5', sha256: 'ab' }
});

describe('PackedArchives', () => {
  it('knows jobs that have packed something', () => {
    expect(hasPacked(PACKED)).toBe(true);
    expect(hasPacked({ ...PACKED, state: 'failed' })).toBe(false);
    expect(hasPacked({ ...PACKED, operation: 'archives.import' })).toBe(false);
    expect(hasPacked({ ...PACKED, result: {} })).toBe(false);
  });

  it('looks once for what is shown, and asks for one byte of it', async () => {
    const { client, sent } = clientOf(
      () =>
        new Response('x', {
          status: 206,
          headers: { 'Content-Location': '/user/ada/files/deep/a%20b.tar.gz' }
        })
    );
    let changes = 0;
    const packed = new PackedArchives(client, () => (changes += 1));
    expect(packed.of(PACKED).isThere).toBeNull();
    packed.of(PACKED);
    await settle();
    expect(sent).toHaveLength(1);
    expect(sent[0].path).toBe('/jobs/j1/archive');
    expect(sent[0].init.headers).toEqual({ Range: 'bytes=0-0' });
    expect(packed.of(PACKED)).toEqual({
      isThere: true,
      address: '/user/ada/files/deep/a%20b.tar.gz',
      problem: null
    });
    expect(changes).toBe(1);
  });

  it('says why one cannot be had, and knows nothing while nobody answers', async () => {
    let isUp = false;
    const { client } = clientOf(() => {
      if (!isUp) {
        throw new TypeError('Failed to fetch');
      }
      return problem(404, 'no-such-archive', 'not-found');
    });
    const packed = new PackedArchives(client, () => undefined);
    await expect(packed.look('j1')).rejects.toThrow();
    expect(packed.of(PACKED).isThere).toBeNull();
    isUp = true;
    await expect(packed.look('j1')).rejects.toThrow();
    expect(packed.of(PACKED).isThere).toBe(false);
    expect(packed.of(PACKED).problem?.code).toBe('no-such-archive');
  });
});

describe('an address', () => {
  it('is a path of the contents only below their own', () => {
    const base = 'http://localhost/user/ada/';
    const path = (address: string | null) => contentsPathOf(address, base);
    expect(path('/user/ada/files/deep/a%20b.tar.gz')).toBe('deep/a b.tar.gz');
    expect(path('/user/eve/files/deep/a.tar.gz')).toBeNull();
    expect(path(null)).toBeNull();
  });
});

describe('an upload', () => {
  const size = 2 * PIECE + 3;
  const file = new File([new Uint8Array(size)], 'a.tar.gz');
  const sleep = () => Promise.resolve();

  /** A server that takes pieces; `fails` says what happens to a try instead. */
  function server(
    fails: (tried: number) => Response | 'unreachable' | 'lost' | null
  ) {
    let received = 0;
    let tried = 0;
    const answer = () =>
      new Response(
        JSON.stringify({ id: 'u', path: '/cache/a.tar.gz', size, received })
      );
    return clientOf((path, init) => {
      if (init.method !== 'PUT') {
        return answer();
      }
      tried += 1;
      const failure = fails(tried);
      const offset = Number(
        new URLSearchParams(path.split('?')[1]).get('offset')
      );
      const isTaken = failure === null || failure === 'lost';
      if (isTaken && offset === received) {
        received += (init.body as Blob).size;
      }
      if (failure === 'unreachable' || failure === 'lost') {
        throw new TypeError('Failed to fetch');
      }
      return failure ?? answer();
    });
  }

  const offsets = (sent: { path: string; init: RequestInit }[]) =>
    sent.filter(s => s.init.method === 'PUT').map(s => s.path.split('=')[1]);

  it('goes in pieces', async () => {
    const { client, sent } = server(() => null);
    const seen: number[] = [];
    const signal = new AbortController().signal;
    const upload = await send(file, client, signal, n => seen.push(n), sleep);
    expect(upload.path).toBe('/cache/a.tar.gz');
    expect(seen).toEqual([PIECE, 2 * PIECE, size]);
    expect(sent[0].init.body).toBe(JSON.stringify({ name: 'a.tar.gz', size }));
    expect(offsets(sent)).toEqual(['0', String(PIECE), String(2 * PIECE)]);
  });

  it('goes on where it was when something on the way fails', async () => {
    const { client, sent } = server(tried =>
      tried === 2
        ? 'unreachable'
        : tried === 3
          ? problem(503, 'internal', 'internal')
          : tried === 4
            ? 'lost'
            : null
    );
    const signal = new AbortController().signal;
    const upload = await send(file, client, signal, () => undefined, sleep);
    expect(upload.received).toBe(size);
    const second = String(PIECE);
    const third = String(2 * PIECE);
    // The answer to the fourth was lost: it is sent again, and the server says where it is.
    expect(offsets(sent)).toEqual(['0', second, second, second, second, third]);
  });

  it('is taken away when it cannot go on', async () => {
    const full = () => problem(424, 'disk-full', 'failed');
    const { client, sent } = server(tried => (tried === 2 ? full() : null));
    const signal = new AbortController().signal;
    const error = await send(
      file,
      client,
      signal,
      () => undefined,
      sleep
    ).catch((reason: unknown) => reason);
    expect(problemOf(error).code).toBe('disk-full');
    expect(sent[sent.length - 1]).toMatchObject({
      path: '/uploads/u',
      init: { method: 'DELETE' }
    });
  });

  it('is not tried for ever', async () => {
    const { client, sent } = server(() => 'unreachable');
    const signal = new AbortController().signal;
    await expect(
      send(file, client, signal, () => undefined, sleep)
    ).rejects.toBeInstanceOf(ProblemError);
    expect(offsets(sent)).toHaveLength(6);
  });

  it('is given up at will', async () => {
    const abort = new AbortController();
    const { client, sent } = server(() => null);
    const given = send(file, client, abort.signal, () => abort.abort(), sleep);
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    expect(offsets(sent)).toHaveLength(1);
    expect(sent[sent.length - 1].init.method).toBe('DELETE');
  });
});

describe('a file of the file browser', () => {
  const voice = voiceOf(nullTranslator);
  const file = { path: 'a.yml', name: 'a.yml' } as Contents.IModel;

  function appOf(size: number, content: string | number): JupyterFrontEnd {
    const get = (_: string, options: Contents.IFetchOptions) => {
      if (!options.content) {
        return Promise.resolve({ size });
      }
      if (typeof content === 'number') {
        const response = new Response('', { status: content });
        return Promise.reject(new ServerConnection.ResponseError(response));
      }
      return Promise.resolve({ content });
    };
    const contents = { get } as unknown as Contents.IManager;
    return { serviceManager: { contents } } as unknown as JupyterFrontEnd;
  }

  it('is a text, with no mark before it', async () => {
    expect(await readText(appOf(5, 'numpy'), file, voice)).toBe('numpy');
    expect(await readText(appOf(5, '\uFEFFnumpy'), file, voice)).toBe('numpy');
  });

  it.each([
    [2 ** 23, 'numpy', 'too-large'],
    [5, 'a\0b', 'bad-encoding'],
    [5, 400, 'bad-encoding'],
    [5, 404, 'unreadable'],
    [5, 403, 'unreadable'],
    [5, 500, 'unreadable']
  ])('is not read for nothing: %s bytes, %s', async (size, content, code) => {
    const error = await readText(appOf(size, content), file, voice).catch(
      (reason: unknown) => reason
    );
    expect(problemOf(error).code).toBe(code);
  });
});
