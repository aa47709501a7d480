import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import type {
  Arrival,
  Diagnosis,
  ErrorHint,
  Finding,
  Fix,
  HintRequest,
  Plan,
  Snapshot
} from '../api';
import { Client, ProblemError } from '../api';
import { arrivalPlugin, messageOf } from '../usersite/arrival';
import { cureAfter, cureOf, namesIn } from '../usersite/cures';
import { planRestore } from '../usersite/dialogs';
import { Hints } from '../usersite/hints';
import { installCommand } from '../usersite/installing';
import { importsIn, programOf } from '../usersite/program';
import { isPath } from '../usersite/proving';
import { badgeCounts } from '../usersite/severity';
import { sharedFixes } from '../usersite/shared';
import { sorted } from '../usersite/snapshots';
import { settle } from './make';

const HINT: ErrorHint = {
  found: true,
  distribution: 'numpy',
  version: '1.21.6',
  sentence: ''
};
const ERROR: HintRequest = { ename: 'ImportError', evalue: '' };

describe('Hints', () => {
  it('come once per kernel session', async () => {
    const asked: HintRequest[] = [];
    const hints = new Hints(body => {
      asked.push(body);
      return Promise.resolve(HINT);
    });
    const [first, meanwhile] = await Promise.all([
      hints.about('k1', ERROR),
      hints.about('k1', ERROR)
    ]);
    expect([first, meanwhile]).toEqual([HINT, null]);
    expect(await hints.about('k1', ERROR)).toBeNull();
    expect(asked).toHaveLength(1);
    expect(await hints.about('k2', ERROR)).toEqual(HINT);
  });

  it('come later, too, where the first error was not of that kind', async () => {
    const answers = [{ ...HINT, found: false }, HINT];
    const hints = new Hints(() => Promise.resolve(answers.shift()!));
    expect(await hints.about('k1', ERROR)).toBeNull();
    expect(await hints.about('k1', ERROR)).toEqual(HINT);
  });

  it('are not asked for where they are not wanted, and never in the way', async () => {
    let count = 0;
    const hints = new Hints(() => {
      count += 1;
      return Promise.reject(new Error('down'));
    });
    hints.isOn = false;
    expect(await hints.about('k1', ERROR)).toBeNull();
    expect(count).toBe(0);
    hints.isOn = true;
    expect(await hints.about('k1', ERROR)).toBeNull();
    expect(await hints.about('k1', ERROR)).toBeNull();
    expect(count).toBe(2);
  });
});

describe('the program that shows a failure again', () => {
  const cell = (source: string, type = 'code') => ({
    model: { type, sharedModel: { getSource: () => source } }
  });

  it('is the failing cell with the imports above it', () => {
    const failed = cell('import pandas\npandas.read_csv("x")');
    const cells = [
      cell('import numpy as np\nnp.run_for_hours()'),
      cell('import in prose', 'markdown'),
      cell('import pandas\nfrom os import path'),
      failed,
      cell('import later')
    ];
    expect(programOf(failed, cells)).toBe(
      'import numpy as np\nfrom os import path\nimport pandas\npandas.read_csv("x")'
    );
  });

  it('leaves out what is not whole in one line, or not at the top', () => {
    const source =
      'from a import (\n  b\n)\n  import c\nimport d\nimportant = 1';
    expect(importsIn(source)).toEqual(['import d']);
  });
});

describe('snapshots', () => {
  const snapshot = (name: string, created: string, bytes: number) =>
    ({ name, created, bytes }) as Snapshot;
  const all = [
    snapshot('b10', '2026-01-02', 5),
    snapshot('b9', '2026-01-03', 5),
    snapshot('a', '2026-01-01', 9)
  ];

  it.each([
    ['newest', ['b9', 'b10', 'a']],
    ['name', ['a', 'b9', 'b10']],
    ['size', ['a', 'b9', 'b10']]
  ] as const)('are sorted by %s', (order, names) => {
    expect(sorted(all, order, 'en').map(one => one.name)).toEqual(names);
  });

  it('are swapped in only where something is in the way', async () => {
    const asked: unknown[] = [];
    const client = (refusals: string[]) =>
      ({
        usersite: {
          planRestore: (_: string, body: unknown) => {
            asked.push(body);
            return Promise.resolve({ refusal: refusals.shift() } as Plan);
          }
        }
      }) as unknown as Client;
    const [, plain] = await planRestore('s', [], client(['']));
    expect(plain.swap).toBe(false);
    const [plan, swap] = await planRestore('s', ['a'], client(['way', '']));
    expect([plan.refusal, swap]).toEqual(['', { packages: ['a'], swap: true }]);
    // Where a swap is refused as well, the plain reason is the one to show.
    const [refused, body] = await planRestore('s', [], client(['way', 'no']));
    expect([refused.refusal, body.swap]).toEqual(['way', false]);
  });
});

describe('cures', () => {
  it('are what a fix asks for, where the page can do it', () => {
    const remedies = ['isolate-kernel', 'hide', 'minor', 'repair'] as const;
    const cures = remedies.map(remedy => cureOf({ remedy } as Fix));
    expect(cures).toEqual(['isolate', 'packages', 'minor', null]);
  });

  it('take paths that mean the same everywhere, and no others', () => {
    const paths = ['/a/b.py', '~/b.py', 'b.py', './b.py', '/', '/a/', ''];
    expect(paths.filter(isPath)).toEqual(['/a/b.py', '~/b.py']);
  });

  it('are suggested by a proof', () => {
    const suggested = (verdict: string, culprits: string[]) =>
      cureAfter({ verdict, culprits, fix: null } as never);
    expect(suggested('user-site', ['numpy'])).toBe('packages');
    expect(suggested('user-site', [])).toBe('minor');
    expect(suggested('not-user-site', [])).toBeNull();
  });

  it('take names as they are written', () => {
    expect(namesIn(' numpy, pandas\nnumpy  scipy ')).toEqual([
      'numpy',
      'pandas',
      'scipy'
    ]);
  });
});

it('says first what helps against many findings', () => {
  const finding = (name: string, severity = 'risk') => ({
    severity,
    fix: name ? { remedy: 'hide', packages: [name] } : null
  });
  const many = (name: string, count: number) =>
    Array.from({ length: count }, () => finding(name));
  const findings = [
    ...many('numpy', 3),
    ...many('tornado', 4),
    ...many('six', 2),
    ...many('', 9),
    finding('six', 'note')
  ] as unknown as Finding[];
  expect(
    sharedFixes(findings).map(([fix, count]) => [...fix.packages, count])
  ).toEqual([
    ['tornado', 4],
    ['numpy', 3]
  ]);
});

describe('the arrival on another image', () => {
  const trans = nullTranslator.load('jupyter_envmgr');
  const arrival = (fields: Partial<Arrival> = {}): Arrival => ({
    image: 'pytorch-25.03-py3',
    previous: 'tensorflow-19.02-py3',
    is_other_image: true,
    told: false,
    visible: true,
    counts: { risk: 2 },
    clashes: ['numpy: 1.21 is loaded', 'numpy: twice', 'pandas: needs another'],
    profile: 'pytorch-25.03-py3',
    ...fields
  });

  it('is told with what clashes, each once', () => {
    expect(messageOf(arrival(), trans)).toBe(
      'This is another image than last time (pytorch-25.03-py3). Of ~/.local, this clashes here: numpy, pandas'
    );
  });

  it('is told in no more words than JupyterLab shows', () => {
    const clashes = ['a', 'b', 'c'].map(name => `${name.repeat(20)}: x`);
    const message = messageOf(arrival({ clashes }), trans);
    expect(message).toMatch(/a{20}, b{20} …$/);
    expect(message.length).toBeLessThanOrEqual(140);
    const image = 'x'.repeat(200);
    expect(messageOf(arrival({ image }), trans)).toMatch(/clash here\.$/);
  });

  it.each([true, false])('is told where the setting is %s', async isOn => {
    const done: string[] = [];
    const client = {
      usersite: {
        arrival: () => Promise.resolve(arrival()),
        told: () => Promise.resolve(done.push('told'))
      }
    };
    const app = {
      restored: Promise.resolve(),
      commands: { execute: (command: string) => done.push(command) }
    };
    const settings = {
      load: () => Promise.resolve({ composite: { tellOfOtherImage: isOn } })
    };
    Notification.dismiss();
    void arrivalPlugin.activate(app as never, client, null, settings);
    await settle();
    expect(done).toEqual(isOn ? ['told'] : []);
    const [shown] = Notification.manager.notifications;
    expect(shown?.options.autoClose).toBe(isOn ? false : undefined);
    for (const action of shown?.options.actions ?? []) {
      action.callback(new MouseEvent('click'));
    }
    expect(done.slice(1)).toEqual(
      isOn ? ['envmgr:diagnose-user-site', 'envmgr:use-profile'] : []
    );
  });

  it.each([{ is_other_image: false }, { told: true }, { clashes: [] }])(
    'is not told where %j',
    fields => expect(messageOf(arrival(fields), trans)).toBe('')
  );
});

it('counts for a badge what is sure and what is a risk, and no notes', () => {
  const counts = { proven: 1, 'will-fail': 2, risk: 4, note: 9 };
  expect(badgeCounts({ counts } as unknown as Diagnosis)).toEqual([3, 4]);
});

it('installs again with what a shell would read otherwise in quotes', () => {
  expect(installCommand(['numpy==1.21.6', 'a @ https://b/c#d=1&e'])).toBe(
    "python -m pip install numpy==1.21.6 'a @ https://b/c#d=1&e'"
  );
});

describe('the verbs of the user site', () => {
  const answering = (status: number, body: unknown) => {
    const sent: [string, string][] = [];
    const client = new Client((path, init) => {
      sent.push([init.method!, path]);
      return Promise.resolve({
        ok: status < 400,
        status,
        json: () => Promise.resolve(body)
      } as Response);
    });
    return { client, sent };
  };
  const problem = (code: string) => ({ code, kind: 'not-found', title: code });

  it('take a server without a diagnosis as one that knows none', async () => {
    const { client } = answering(404, problem('no-such-page'));
    expect(await client.usersite.diagnosis()).toBeNull();
    const other = answering(404, problem('no-such-kernel')).client;
    await expect(other.usersite.diagnosis()).rejects.toThrow(ProblemError);
  });

  it('are sent where the server has them', async () => {
    const { client, sent } = answering(200, {});
    await client.usersite.diagnosis({ kernel: 'python3' }, true);
    await client.usersite.restore('a b', { swap: true }, { digest: 'd' });
    await client.usersite.planDelete('x');
    expect(sent).toEqual([
      ['GET', '/usersite/diagnosis?kernel=python3&fresh=true'],
      ['POST', '/usersite/snapshots/a%20b/restore?digest=d'],
      ['DELETE', '/usersite/snapshots/x?plan=1']
    ]);
  });
});
