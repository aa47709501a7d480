import { nullTranslator } from '@jupyterlab/translation';

import type { Client, OfferedPythons, OfferRequest, Problem } from '../api';
import { ProblemError } from '../api';
import { EMPTY, type IDraft } from '../create/draft';
import { Offered } from '../create/offered';
import { settle } from './make';

const TRANS = nullTranslator.load('jupyter_envmgr');

const CONDA: IDraft = { ...EMPTY, manager: 'conda' };

function answerOf(...minors: string[]): OfferedPythons {
  return {
    pythons: minors.map(minor => ({
      minor,
      version: `${minor}.4`,
      channel: 'conda-forge',
      releases: [`${minor}.4`, `${minor}.1`],
      kernel: true,
      why_not: ''
    })),
    usual: minors[0] ?? '',
    why: '',
    image: '3.11',
    channels: ['conda-forge'],
    engine: 'rattler',
    notices: []
  };
}

function problem(fields: Partial<Problem>): ProblemError {
  return new ProblemError({
    code: 'index-unreachable',
    kind: 'unavailable',
    title: 'It cannot be reached',
    detail: '',
    hint: '',
    context: null,
    errors: [],
    ...fields
  });
}

/** Offers whose answers come when a test gives them, in whatever order. */
function setUp() {
  const asked: OfferRequest[] = [];
  const signals: AbortSignal[] = [];
  const replies: ((answer: OfferedPythons | ProblemError) => void)[] = [];
  const client = {
    content: {
      offered: (request: OfferRequest, signal: AbortSignal) => {
        asked.push(request);
        signals.push(signal);
        return new Promise((resolve, reject) => {
          replies.push(answer =>
            answer instanceof ProblemError ? reject(answer) : resolve(answer)
          );
        });
      }
    }
  };
  let changes = 0;
  const offered = new Offered(
    client as unknown as Client,
    TRANS,
    () => {
      changes += 1;
    },
    0
  );
  const reply = async (
    number: number,
    answer: OfferedPythons | ProblemError
  ) => {
    replies[number](answer);
    await settle();
  };
  return { offered, asked, signals, reply, count: () => changes };
}

/** Until what waits for the next key has begun. */
async function pause(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 5));
  await settle();
}

function minors(offered: Offered): string[] {
  return offered.pythons.map(python => python.minor);
}

describe('Offered', () => {
  it('asks nothing for pip', async () => {
    const { offered, asked } = setUp();
    offered.follow({ ...EMPTY, channels: 'conda-forge' });
    await pause();
    expect(asked).toEqual([]);
    expect(offered.isAsking).toBe(false);
  });

  it('offers exactly what the channels offer', async () => {
    const { offered, asked, reply, count } = setUp();
    offered.follow({
      ...CONDA,
      channels: 'mine\nconda-forge',
      engine: 'conda'
    });
    expect(offered.isAsking).toBe(true);
    expect(minors(offered)).toEqual([]);
    expect(asked).toEqual([
      { channels: ['mine', 'conda-forge'], engine: 'conda' }
    ]);
    const before = count();
    await reply(0, answerOf('3.13', '3.12'));
    expect(offered.isAsking).toBe(false);
    expect(minors(offered)).toEqual(['3.13', '3.12']);
    expect(offered.versions).toEqual([
      '3.13',
      '3.12',
      '3.13.4',
      '3.13.1',
      '3.12.4',
      '3.12.1'
    ]);
    expect(offered.why).toBeNull();
    expect(count()).toBeGreaterThan(before);
  });

  it('does not ask again for what has nothing to do with it', async () => {
    const { offered, asked, reply } = setUp();
    offered.follow(CONDA);
    await reply(0, answerOf('3.13'));
    offered.follow({ ...CONDA, name: 'training', channels: ' \n' });
    offered.follow({ ...CONDA, manager: 'pip' });
    offered.follow(CONDA);
    await pause();
    expect(asked).toHaveLength(1);
  });

  it('asks once for what was typed in one go', async () => {
    const { offered, asked, reply } = setUp();
    offered.follow(CONDA);
    await reply(0, answerOf('3.13'));
    for (const channels of ['m', 'mi', 'mine']) {
      offered.follow({ ...CONDA, channels });
    }
    expect(offered.isAsking).toBe(true);
    // What was there stays until there is something else.
    expect(minors(offered)).toEqual(['3.13']);
    await pause();
    expect(asked.map(request => request.channels)).toEqual([[], ['mine']]);
  });

  it('abandons an answer that nobody asks for any more', async () => {
    const { offered, signals, reply } = setUp();
    offered.follow(CONDA);
    offered.follow({ ...CONDA, channels: 'mine' });
    expect(signals[0].aborted).toBe(true);
    await pause();
    await reply(1, answerOf('3.9'));
    await reply(0, answerOf('3.14'));
    expect(minors(offered)).toEqual(['3.9']);
  });

  it('an error that nobody asks for any more is abandoned, too', async () => {
    const { offered, reply } = setUp();
    offered.follow(CONDA);
    offered.follow({ ...CONDA, channels: 'mine' });
    await pause();
    await reply(0, problem({ detail: 'no' }));
    expect(offered.isAsking).toBe(true);
    expect(offered.why).toBeNull();
  });

  it('offers the usual versions where the channels do not answer, and says why', async () => {
    const { offered, reply } = setUp();
    offered.follow(CONDA);
    await reply(0, problem({ detail: 'no such host is known' }));
    expect(offered.why).toBe('no such host is known');
    expect(minors(offered)).toContain('3.12');
    expect(offered.versions).toEqual(minors(offered));
    offered.follow({ ...CONDA, channels: 'mine' });
    await pause();
    await reply(1, answerOf('3.9'));
    expect(offered.why).toBeNull();
    expect(minors(offered)).toEqual(['3.9']);
  });

  it('leaves it to a field to say that it is wrong', async () => {
    const { offered, reply } = setUp();
    offered.follow({ ...CONDA, channels: '!' });
    const errors = [
      {
        field: 'channels',
        detail: 'no',
        code: 'bad-channel',
        line: 1,
        column: null
      }
    ];
    await reply(0, problem({ detail: 'channels: no', errors }));
    expect(offered.why).toBe('');
    expect(minors(offered)).toContain('3.12');
  });

  it('says that channels have no Python', async () => {
    const { offered, reply } = setUp();
    offered.follow(CONDA);
    await reply(0, answerOf());
    expect(minors(offered)).toEqual([]);
    expect(offered.answer?.pythons).toEqual([]);
    // A version can be typed all the same.
    expect(offered.versions).toContain('3.12');
  });

  it('asks nobody any more once the form is closed', async () => {
    const { offered, asked, signals, count } = setUp();
    offered.follow(CONDA);
    offered.follow({ ...CONDA, channels: 'mine' });
    const before = count();
    offered.dispose();
    await pause();
    expect(asked).toHaveLength(1);
    expect(signals[0].aborted).toBe(true);
    expect(count()).toBe(before);
  });
});
