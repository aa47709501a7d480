import { nullTranslator } from '@jupyterlab/translation';

import type {
  Client,
  CreateRequest,
  Environment,
  OfferRequest,
  Recognition,
  Problem
} from '../api';
import { ProblemError } from '../api';
import {
  draftOf,
  EMPTY,
  fieldOf,
  type IDraft,
  isWorthKeeping,
  parseLabels,
  parseVariables,
  requestOf,
  restoredDraft,
  textOfFile
} from '../create/draft';
import { FormModel } from '../create/model';
import { nearestName, whyNotName } from '../create/name';
import { environment, job, settle } from './make';

const TRANS = nullTranslator.load('jupyter_envmgr');

const PLAN = { summary: 'It will lie in ~/.envmgr', steps: [], facts: [] };

const INTERPRETERS = [
  { version: '3.11.7', path: '/usr/bin/python3.11', default: false },
  { version: '3.12.1', path: '/opt/python3.12', default: true },
  { version: '3.14.1', path: null, default: false }
];

function problem(fields: Partial<Problem>): ProblemError {
  return new ProblemError({
    code: 'bad-request',
    kind: 'invalid',
    title: '',
    detail: '',
    hint: '',
    context: null,
    errors: [],
    ...fields
  });
}

function formOf(
  draft: Partial<IDraft> = {},
  options: {
    plan?: () => Promise<unknown>;
    create?: () => Promise<unknown>;
    known?: Environment[];
    recognise?: (text: string, gone: string[]) => Promise<Recognition>;
    solve?: () => Promise<unknown>;
  } = {}
) {
  const asked: string[] = [];
  const offers: OfferRequest[] = [];
  const planned: CreateRequest[] = [];
  const created: CreateRequest[] = [];
  const client = {
    status: () =>
      Promise.resolve({ locations: [{ name: 'home', default: true }] }),
    interpreters: () => Promise.resolve({ interpreters: INTERPRETERS }),
    content: {
      engines: () => Promise.resolve({ engines: [] }),
      offered: (request: OfferRequest) => {
        offers.push(request);
        return new Promise(() => undefined);
      },
      recognise: (text: string, filename: string, gone: string[]) => {
        asked.push(filename);
        return (
          options.recognise?.(text, gone) ?? Promise.reject(new Error('no'))
        );
      },
      solveCreate: () =>
        options.solve?.() ?? Promise.resolve({ ...PLAN, summary: 'All of it' })
    },
    planCreate: (body: CreateRequest) => {
      planned.push(body);
      return options.plan?.() ?? Promise.resolve(PLAN);
    },
    create: (body: CreateRequest) => {
      created.push(body);
      return options.create?.() ?? Promise.resolve(job());
    }
  };
  const form = new FormModel({
    client: client as unknown as Client,
    trans: TRANS,
    environments: () => options.known ?? [],
    draft: { ...EMPTY, ...draft },
    pause: 0
  });
  return { form, planned, created, asked, offers };
}

/** Until the form has asked the server what it thinks. */
async function checked(): Promise<void> {
  await settle();
  await new Promise(resolve => setTimeout(resolve, 5));
  await settle();
}

function recognised(fields: Partial<Recognition>): Recognition {
  return {
    kind: 'requirements',
    manager: 'pip',
    what: '',
    packages: [],
    pip: [],
    channels: [],
    python: '',
    name: '',
    platform: '',
    index_url: '',
    extra_index_urls: [],
    warnings: [],
    notices: [],
    errors: [],
    choices: [],
    hashed: 0,
    variables: null,
    ...fields
  };
}

describe('FormModel', () => {
  it('chooses the default Python of those that are here', async () => {
    const { form } = formOf();
    await form.ready;
    expect(form.draft.python).toBe('/opt/python3.12');
  });

  it('keeps a Python that was chosen, by path or by version', async () => {
    const { form } = formOf({ python: '3.14.1' });
    await form.ready;
    expect(form.draft.python).toBe('3.14.1');
  });

  it('says what would happen as soon as there is a name', async () => {
    const { form, planned } = formOf();
    await form.ready;
    expect(planned).toHaveLength(0);
    form.set({ name: 'training' });
    await checked();
    expect(planned.map(request => request.name)).toEqual(['training']);
    expect(form.plan).toEqual(PLAN);
    expect(form.isChecked).toBe(true);
  });

  it('asks about the other fields although the name cannot be', async () => {
    const { form, planned } = formOf();
    await form.ready;
    form.set({ name: 'No Good' });
    await checked();
    expect(planned).toHaveLength(1);
    expect(form.blocked).not.toBe('');
  });

  it('knows a taken name without asking, and that a failed one is free', async () => {
    const known = [
      environment({ name: 'taken' }),
      environment({ name: 'broke', status: 'failed' }),
      environment({ name: 'elsewhere', location: 'team' })
    ];
    const { form } = formOf({}, { known });
    await form.ready;
    form.set({ name: 'taken' });
    expect(form.problemsOf('name')[0].text).toContain('taken');
    form.set({ name: 'broke' });
    expect(form.problemsOf('name')).toEqual([]);
    form.set({ name: 'elsewhere' });
    expect(form.problemsOf('name')).toEqual([]);
  });

  it('puts an objection at its field, with its line', async () => {
    const objection = problem({
      errors: [
        { field: 'requirements', detail: 'no', code: '', line: 3, column: null }
      ]
    });
    const { form } = formOf({}, { plan: () => Promise.reject(objection) });
    await form.ready;
    form.set({ name: 'training', requirements: 'a\nb\n=>c' });
    await checked();
    expect(form.problemsOf('requirements')).toEqual([
      { text: 'no', line: 3, column: null }
    ]);
    expect(form.blocked).toBe('Line 3: no');
    expect(form.problem).toBeNull();
  });

  it('takes an objection back when its field is changed', async () => {
    const objection = problem({
      errors: [
        { field: 'requirements', detail: 'no', code: '', line: 1, column: null }
      ]
    });
    let answers = [Promise.reject(objection), Promise.resolve(PLAN)];
    answers[0].catch(() => undefined);
    const { form } = formOf({}, { plan: () => answers.shift()! });
    await form.ready;
    form.set({ name: 'training', requirements: '=>' });
    await checked();
    expect(form.blocked).not.toBe('');
    form.set({ requirements: 'numpy' });
    expect(form.blocked).toBe('');
    await checked();
    expect(form.plan).toEqual(PLAN);
    answers = [];
  });

  it('lets ~/.local in for conda alone, and only if that was ticked', async () => {
    const { form, planned } = formOf({ name: 'training', manager: 'conda' });
    await form.ready;
    form.set({ userSite: true });
    await checked();
    form.set({ manager: 'pip' });
    await checked();
    form.set({ manager: 'conda', userSite: false });
    await checked();
    expect(planned.map(request => request.user_site)).toEqual([
      true,
      false,
      false
    ]);
    expect(fieldOf('user_site')).toBe('userSite');
    expect(isWorthKeeping({ ...EMPTY, userSite: true })).toBe(true);
    expect(restoredDraft({ userSite: true }).userSite).toBe(true);
  });

  it('creates what was typed, once', async () => {
    const { form, created } = formOf();
    await form.ready;
    form.set({ name: ' training ', requirements: 'numpy' });
    const [one, other] = await Promise.all([form.submit(), form.submit()]);
    expect(created).toHaveLength(1);
    expect(created[0]).toMatchObject({
      name: 'training',
      requirements: 'numpy',
      python: '/opt/python3.12'
    });
    expect([one?.id, other]).toEqual(['j1', null]);
  });

  it('takes from a conda file what nobody has filled in, and gives it back', async () => {
    const found = recognised({
      kind: 'environment-yml',
      manager: 'conda',
      channels: ['conda-forge', 'nvidia'],
      python: '3.11',
      name: 'from-file'
    });
    const { form, planned, asked } = formOf(
      {},
      { recognise: () => Promise.resolve(found) }
    );
    await form.ready;
    form.set({ name: 'mine' });
    form.read('name: from-file', 'requirements_x.txt');
    await checked();
    expect(asked).toEqual(['requirements_x.txt']);
    expect(form.draft).toMatchObject({
      name: 'mine',
      manager: 'conda',
      channels: 'conda-forge\nnvidia',
      condaPython: '3.11'
    });
    expect(planned[planned.length - 1]).toMatchObject({
      manager: 'conda',
      python: '3.11',
      channels: ['conda-forge', 'nvidia']
    });
    form.set({ condaPython: '3.12' });
    form.undo();
    await checked();
    expect(form.draft).toMatchObject({
      manager: 'pip',
      channels: '',
      condaPython: '3.12'
    });
  });

  it('does not change the manager again for the same kind of text', async () => {
    const found = recognised({ kind: 'environment-yml', manager: 'conda' });
    const { form } = formOf({}, { recognise: () => Promise.resolve(found) });
    await form.ready;
    form.set({ name: 'mine', requirements: 'dependencies: []' });
    await checked();
    expect(form.draft.manager).toBe('conda');
    form.set({ manager: 'pip' });
    form.set({ requirements: 'dependencies: [a]' });
    await checked();
    expect(form.draft.manager).toBe('pip');
  });

  it('leaves plain names to the manager that somebody has chosen', async () => {
    const found = recognised({ kind: 'requirements', manager: 'pip' });
    const { form } = formOf({}, { recognise: () => Promise.resolve(found) });
    await form.ready;
    form.set({ name: 'mine', manager: 'conda', requirements: 'numpy' });
    await checked();
    expect(form.draft.manager).toBe('conda');
    expect(form.text.filled).toEqual({});
  });

  it('takes back what a text has filled in when the text goes', async () => {
    const found = recognised({ kind: 'environment-yml', manager: 'conda' });
    const { form } = formOf({}, { recognise: () => Promise.resolve(found) });
    await form.ready;
    form.set({ requirements: 'dependencies: []' });
    await checked();
    form.set({ requirements: '' });
    await checked();
    expect(form.draft.manager).toBe('pip');
  });

  it('forgets what would be installed when something is changed', async () => {
    const { form } = formOf({ manager: 'conda' });
    await form.ready;
    form.set({ name: 'training' });
    await checked();
    await form.solve();
    expect(form.solving.solved?.summary).toBe('All of it');
    form.set({ channels: 'conda-forge' });
    expect(form.solving.solved).toBeNull();
  });

  it('asks the channels that a text fills in for their Pythons', async () => {
    const { form, offers } = formOf(
      {},
      {
        recognise: () =>
          Promise.resolve(
            recognised({
              kind: 'environment-yml',
              manager: 'conda',
              channels: ['mine']
            })
          )
      }
    );
    await form.ready;
    expect(offers).toEqual([]);
    form.set({ requirements: 'channels: [mine]' });
    await checked();
    expect(form.draft.manager).toBe('conda');
    expect(offers).toEqual([{ channels: ['mine'], engine: '' }]);
  });

  it('asks them for a form that was kept, too', async () => {
    const { form, offers } = formOf({ manager: 'conda', channels: 'mine' });
    await form.ready;
    expect(offers).toEqual([{ channels: ['mine'], engine: '' }]);
  });

  it('offers what can be done about builds that the solver did not find', async () => {
    const choices = [
      { choice: 'keep', title: '', packages: [], lines: [] },
      { choice: 'relax', title: '', packages: [], lines: [] }
    ];
    const gone: string[][] = [];
    const { form, planned } = formOf(
      { manager: 'conda', requirements: 'numpy=1.26.4=py311h1_0' },
      {
        recognise: (_, builds) => {
          gone.push(builds);
          return Promise.resolve(
            recognised({
              kind: 'conda-specs',
              manager: 'conda',
              choices: builds.length > 0 ? choices : []
            })
          );
        },
        solve: () =>
          Promise.reject(
            problem({
              detail: 'no such build',
              context: { builds_gone: 'numpy=1.26.4=py311h1_0\nscipy=1=0' }
            })
          )
      }
    );
    await form.ready;
    await checked();
    expect(form.text.recognised?.choices).toEqual([]);
    const before = planned.length;
    await form.solve();
    expect(gone).toEqual([[], ['numpy=1.26.4=py311h1_0', 'scipy=1=0']]);
    expect(form.text.recognised?.choices).toEqual(choices);
    // What is wrong stays there until something is changed.
    expect(form.problem?.detail).toBe('no such build');
    expect(planned).toHaveLength(before);
    form.set({ requirements: 'numpy=1.26.4' });
    await checked();
    expect(gone[2]).toEqual([]);
  });

  it('shows below the form what no field is to blame for', async () => {
    const full = problem({ code: 'disk-full', title: 'The disk is full' });
    const { form } = formOf({}, { create: () => Promise.reject(full) });
    await form.ready;
    form.set({ name: 'training' });
    expect(await form.submit()).toBeNull();
    expect(form.problem?.code).toBe('disk-full');
    expect(form.isSubmitting).toBe(false);
  });
});

describe('whyNotName', () => {
  it.each(['ab', 'my-training', 'a.b_c-1', 'x'.repeat(63)])(
    'has nothing against %s',
    name => expect(whyNotName(name, TRANS)).toBe('')
  );

  it.each([
    ['', 'A name is needed'],
    ['a', '2 characters'],
    ['x'.repeat(64), '64 characters'],
    ['Training', '“training” would do'],
    ['my training', 'space'],
    ['-a', 'begin and end'],
    ['a/b', '/']
  ])('says what is wrong with %p', (name, why) =>
    expect(whyNotName(name, TRANS)).toContain(why)
  );

  it('proposes a name that would do', () => {
    expect(nearestName('Mein Übungs-Projekt!')).toBe('mein-ubungs-projekt');
    expect(whyNotName(nearestName('requirements_x.txt'), TRANS)).toBe('');
  });
});

describe('a draft', () => {
  it('is a request without blanks at the edges', () => {
    const request = requestOf({
      ...EMPTY,
      name: ' a1 ',
      labels: 'team=vision, gpu',
      extraIndexUrls: ' https://a \n https://b '
    });
    expect(request.name).toBe('a1');
    expect(request.labels).toEqual({ team: 'vision', gpu: '' });
    expect(request.extra_index_urls).toEqual(['https://a', 'https://b']);
  });

  it('asks conda for channels and variables, and pip for neither', () => {
    const draft: IDraft = {
      ...EMPTY,
      manager: 'conda',
      python: '/usr/bin/python3',
      condaPython: '3.12',
      channels: 'conda-forge\n nvidia',
      variables: 'A=b=c\n\nD='
    };
    expect(requestOf(draft)).toMatchObject({
      python: '3.12',
      channels: ['conda-forge', 'nvidia'],
      variables: { A: 'b=c', D: '' }
    });
    expect(requestOf({ ...draft, manager: 'pip' })).toMatchObject({
      python: '/usr/bin/python3',
      channels: [],
      variables: {}
    });
    expect(parseVariables('1A=b\nword').wrong).toEqual(['1A=b', 'word']);
  });

  it('asks again for all that was asked for', () => {
    const request = requestOf({
      ...EMPTY,
      name: 'again',
      manager: 'conda',
      engine: 'mamba',
      condaPython: '3.12',
      channels: 'conda-forge\nnvidia',
      variables: 'A=b=c\nD=',
      requirements: 'numpy',
      displayName: 'Again',
      remarks: 'why',
      labels: 'team=vision, gpu=',
      indexUrl: 'https://a',
      extraIndexUrls: 'https://b\nhttps://c',
      location: 'home',
      userSite: true,
      kernel: false
    });
    const draft = draftOf(
      environment({ name: 'again' }),
      request as Required<CreateRequest>
    );
    expect(requestOf(draft)).toEqual(request);
    expect(Object.keys(draft).sort()).toEqual(Object.keys(EMPTY).sort());
  });

  it('names what is no label', () => {
    expect(parseLabels('a=b=c, =x').pairs).toEqual({ a: 'b=c' });
    expect(parseLabels('a=b=c, =x').wrong).toEqual(['=x']);
  });

  it('knows the field of an error, also of one element', () => {
    expect(fieldOf('packages[3]')).toBe('requirements');
    expect(fieldOf('labels.team')).toBe('labels');
    expect(fieldOf('python', 'conda')).toBe('condaPython');
    expect(fieldOf('digest')).toBeNull();
  });

  it('is restored as far as it is understood', () => {
    const draft = restoredDraft({ name: 'x1', kernel: 'yes', other: 1 });
    expect(draft).toEqual({ ...EMPTY, name: 'x1' });
    expect(isWorthKeeping(draft)).toBe(true);
    expect(isWorthKeeping({ ...EMPTY, python: '3.12' })).toBe(false);
  });

  it('takes a text file and no other', () => {
    const utf8 = new TextEncoder().encode('numpy\n').buffer;
    expect(textOfFile(utf8, TRANS).text).toBe('numpy\n');
    const latin = new Uint8Array([0x63, 0xe9]).buffer;
    expect(textOfFile(latin, TRANS).problem).toContain('UTF-8');
    expect(textOfFile(new ArrayBuffer(5_000_000), TRANS).problem).toContain(
      'MiB'
    );
  });
});
