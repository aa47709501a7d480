import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { ChangeRequest, Client, Job, Plan, Recognition } from '../api';
import { isArchive } from '../archives/reading';
import { withChoice } from '../create/builds';
import { sentenceOf } from '../create/recognised';
import { PageModel } from '../environments/pages';
import type { JobsModel } from '../jobs/model';
import { linesOf } from '../packages/asking';
import { moreThanAsked, packageOf } from '../packages/changing';
import { voiceOf } from '../text/words';
import { job, settle } from './make';

function recognition(fields: Partial<Recognition>): Recognition {
  return {
    kind: 'environment-yml',
    manager: 'conda',
    what: 'a conda environment.yml',
    packages: [],
    pip: [],
    channels: [],
    python: '',
    variables: null,
    name: '',
    platform: '',
    index_url: '',
    extra_index_urls: [],
    hashed: 0,
    warnings: [],
    notices: [],
    errors: [],
    choices: [],
    ...fields
  };
}

describe('what is more than was asked for', () => {
  const plan = (steps: [string, string][]) =>
    ({
      steps: steps.map(([action, target]) => ({ action, target, detail: '' }))
    }) as unknown as Plan;
  const more = (request: ChangeRequest, ...steps: [string, string][]) =>
    moreThanAsked(plan(steps), request);

  it('is what nobody has named, and not what is new', () => {
    expect(
      more(
        { install: ['conda-forge::Num_py >=2'] },
        ['replace', 'num-py'],
        ['replace', 'python'],
        ['install', 'openssl 3.5'],
        ['remove', 'old']
      )
    ).toEqual(['python', 'old']);
  });

  it('is of an update of all only what goes', () => {
    expect(
      more({ update: ['*'] }, ['replace', 'python'], ['remove', 'old'])
    ).toEqual(['old']);
  });

  it('is nothing where all was named', () => {
    expect(more({ uninstall: ['old'] }, ['remove', 'old'])).toEqual([]);
  });
});

describe('the name in a spec', () => {
  it.each([
    ['numpy=2', 'numpy'],
    ['conda-forge::Zope.Interface', 'zope-interface'],
    ['torch[cuda]>=2', 'torch'],
    ['pkg @ https://x/y.whl', 'pkg']
  ])('%s is of %s', (text, name) => expect(packageOf(text)).toBe(name));
});

it('leaves comments and empty lines out of what is installed', () => {
  expect(linesOf('numpy # for x\n\n# no\n a @ http://x/#egg=a\n')).toEqual([
    'numpy',
    'a @ http://x/#egg=a'
  ]);
});

describe('a choice about builds', () => {
  const choice = {
    choice: 'relax',
    title: '',
    packages: ['numpy=1.26', 'pip'],
    lines: [
      { before: 'numpy=1.26=py311_0', after: 'numpy=1.26', why: '' },
      { before: 'libgcc-ng=12', after: '', why: '' }
    ]
  };

  it('changes its lines in their places, with what stands around', () => {
    const text = [
      '# mine',
      'dependencies:',
      "  - 'numpy=1.26=py311_0'  # pinned",
      '  - libgcc-ng=12',
      '  - pip'
    ].join('\n');
    expect(withChoice(text, recognition({}), choice)).toBe(
      ['# mine', 'dependencies:', "  - 'numpy=1.26'  # pinned", '  - pip'].join(
        '\n'
      )
    );
  });

  it('writes anew what has no such lines, with all that it asks for', () => {
    const found = recognition({
      name: 'x',
      channels: ['conda-forge'],
      pip: ['answers==42.0'],
      variables: { A: 'b: "c"' }
    });
    expect(withChoice('lock', found, choice)).toBe(
      [
        'name: "x"',
        'channels:',
        '  - "conda-forge"',
        'dependencies:',
        '  - "numpy=1.26"',
        '  - "pip"',
        '  - pip:',
        '    - "answers==42.0"',
        'variables:',
        '  "A": "b: \\"c\\""',
        ''
      ].join('\n')
    );
  });
});

it('says in a sentence what a text is', () => {
  const found = recognition({
    packages: ['a', 'b'],
    pip: ['c'],
    channels: ['conda-forge', 'nvidia'],
    python: '3.11',
    platform: 'osx-64'
  });
  const sentence = sentenceOf(found, voiceOf(nullTranslator));
  expect(sentence).toContain('a conda environment.yml');
  expect(sentence).toContain('2 packages, 1 for pip');
  expect(sentence).toContain('conda-forge, nvidia, Python 3.11');
  expect(sentence).toContain('osx-64');
});

describe('a file', () => {
  it('is an archive by its ending', () => {
    expect(['a.tar.gz', 'a.tzst', 'a.zip', 'a.gz'].map(isArchive)).toEqual([
      true,
      true,
      false,
      false
    ]);
  });
});

describe('PageModel', () => {
  function pageOf(content: object) {
    const jobs = { jobs: [] as Job[], accept: () => undefined };
    const changed = new Signal<object, void>(jobs);
    const ended = new Signal<object, Job>(jobs);
    const page = new PageModel({
      client: { content } as unknown as Client,
      jobs: { ...jobs, changed, ended } as unknown as JobsModel,
      trans: nullTranslator.load('jupyter_envmgr'),
      find: () => undefined,
      id: 'training'
    });
    return { page, ended };
  }

  it('reads a part when it is opened, and again when a job has ended', async () => {
    let reads = 0;
    const history = () =>
      Promise.resolve({ revisions: [], reads: (reads += 1) });
    const { page, ended } = pageOf({ history });
    page.show('history');
    await settle();
    expect(page.history.value).toMatchObject({ reads: 1 });
    ended.emit(job({ subject: 'other' }));
    ended.emit(job({ subject: 'training' }));
    await settle();
    expect(page.history.value).toMatchObject({ reads: 2 });
    page.show('history', false);
    ended.emit(job({ subject: 'training' }));
    await settle();
    expect(reads).toBe(2);
  });

  it('keeps what could not be done until it is dismissed', async () => {
    const { page } = pageOf({
      verify: () => Promise.reject(new Error('no way'))
    });
    await page.verify();
    expect(page.problem?.detail).toBe('no way');
    page.dismiss();
    expect(page.problem).toBeNull();
  });

  it('shows the format that was chosen last', async () => {
    const answers: Record<string, (value: object) => void> = {};
    const { page } = pageOf({
      export: (_: string, format: string) =>
        new Promise(resolve => {
          answers[format] = resolve;
        })
    });
    page.show('export');
    page.choose('explicit');
    answers.explicit({ text: 'new' });
    answers['']({ text: 'old' });
    await settle();
    expect(page.exported.value?.text).toBe('new');
  });

  it('offers no text of another format while a lock is looked up', async () => {
    const { page } = pageOf({
      export: (_: string, format: string) =>
        format === 'pylock'
          ? new Promise(() => undefined)
          : Promise.resolve({ text: 'requirements' })
    });
    page.show('export');
    await settle();
    expect(page.exported.value?.text).toBe('requirements');
    page.choose('pylock');
    await settle();
    expect(page.exported.value).toBeNull();
  });
});
