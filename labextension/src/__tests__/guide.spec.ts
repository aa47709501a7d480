import type {
  Client,
  Diagnosis,
  Environment,
  Job,
  Kernel,
  Plan,
  Proof,
  Reinstall,
  Scan,
  SnapshotPackage
} from '../api';
import { ProblemError } from '../api';
import type { JobFeed } from '../jobs/feed';
import type { JobsModel } from '../jobs/model';
import { Signal } from '@lumino/signaling';
import { nullTranslator } from '@jupyterlab/translation';
import { type Step, STEPS } from '../usersite/course';
import { GuideModel } from '../usersite/guide';
import { guideOf, isAbout } from '../usersite/resume';
import { type IGuideState, keptOf, stateOf } from '../usersite/state';
import { environment, job, settle } from './make';

const trans = nullTranslator.load('jupyter_envmgr');

function plan(fields: Partial<Plan> = {}): Plan {
  return {
    operation: 'usersite.reset',
    subject: 'numpy',
    summary: '1 package',
    steps: [],
    facts: [],
    warnings: [],
    notices: [],
    refusal: '',
    forceable: false,
    bytes: 1,
    digest: 'd1',
    ...fields
  };
}

function proofOf(fields: Partial<Proof> = {}): Proof {
  return {
    id: 'p1',
    created: '2026-05-02T10:00:00Z',
    request: { code: 'import pandas', kernel: 'python3' },
    target: { python: '3.11' },
    verdict: 'user-site',
    summary: 'It works when numpy 1.21.6 is hidden.',
    probes: [],
    culprits: ['numpy'],
    fix: null,
    complete: true,
    remarks: [],
    ...fields
  } as Proof;
}

const SCAN = {
  base: '/home/ada/.local',
  exists: true,
  sites: [
    { python: '3.11', abi: '', package_count: 3, path: '/a' },
    { python: '3.8', abi: '', package_count: 2, path: '/b' }
  ],
  visibility: [
    { kind: 'kernel', id: 'dull', name: 'Dull', visible: false, why: '-s' }
  ],
  unfinished: ''
} as unknown as Scan;

const DIAGNOSIS = {
  target: { python: '3.11' },
  counts: { risk: 1 },
  findings: []
} as unknown as Diagnosis;

/** A server that answers as a test says, and notes what it was asked. */
class Server {
  asked: [string, unknown, unknown?][] = [];
  plans: (Plan | Error)[] = [];
  resets: (Job | Error)[] = [];
  proofs = new Map<string, Proof>();
  diagnosis: Diagnosis | null | Error = DIAGNOSIS;
  jobs: Job[] = [];
  environments: Environment[] = [];
  kernels: Partial<Kernel>[] = [];
  isRunningAtFirst = false;
  ends: Job | Error | null = null;
  lists: Reinstall = { in_image: [], asked_for: [], dependencies: [] };
  changed = new Signal<object, void>(this);

  get client(): Client {
    const note = (name: string, body?: unknown, options?: unknown) => {
      this.asked.push([name, body, options]);
    };
    const answer = <T>(value: T | Error | undefined) =>
      value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
    const usersite = {
      scan: () => answer(SCAN),
      diagnosis: (subject: unknown, fresh: boolean) => {
        note('diagnosis', subject, fresh);
        return answer(this.diagnosis);
      },
      planReset: (body: unknown) => {
        note('planReset', body);
        return answer(this.plans.shift() ?? plan());
      },
      planIsolate: (body: unknown) => {
        note('planIsolate', body);
        return answer(plan({ operation: 'usersite.isolate' }));
      },
      isolate: (body: unknown, options: unknown) => {
        note('isolate', body, options);
        return answer(plan());
      },
      undo: (body: unknown) => {
        note('undo', body);
        return answer(plan());
      },
      planRemove: (body: unknown) => {
        note('planRemove', body);
        return answer(plan({ subject: 'Python 3.8' }));
      },
      remove: (body: unknown, options: unknown) => {
        note('remove', body, options);
        return answer(job({ id: 'd1', operation: 'usersite.remove' }));
      },
      reset: (body: unknown, options: unknown) => {
        note('reset', body, options);
        return answer(this.resets.shift());
      },
      probe: (body: unknown) => {
        note('probe', body);
        const id = `p${this.asked.filter(([name]) => name === 'probe').length}`;
        return answer(job({ id, operation: 'usersite.probe' }));
      },
      proof: (id: string) => answer(this.proofs.get(id) ?? proofOf({ id })),
      reinstall: (name: string) => {
        note('reinstall', name);
        return answer(this.lists);
      },
      planInstall: (body: unknown) => {
        note('planInstall', body);
        return answer(plan({ operation: 'packages.install' }));
      },
      install: (body: unknown, options: unknown) => {
        note('install', body, options);
        return answer(job({ id: 'i1', operation: 'packages.install' }));
      }
    };
    return {
      usersite,
      environments: () => answer({ environments: this.environments }),
      kernels: () => answer({ kernels: this.kernels }),
      interpreters: () => answer({ interpreters: [] })
    } as unknown as Client;
  }

  get model(): JobsModel {
    return {
      isReady: true,
      changed: this.changed,
      find: (id: string) => this.jobs.find(one => one.id === id),
      accept: (one: Job) => {
        this.jobs = [...this.jobs.filter(old => old.id !== one.id), one];
        this.changed.emit();
      },
      cancel: () => Promise.resolve(),
      follow: (id: string) => this.feed(id),
      untilEnded: () =>
        this.ends instanceof Error
          ? Promise.reject(this.ends)
          : Promise.resolve(this.ends)
    } as unknown as JobsModel;
  }

  /** A feed that has ended, or one that is seen to run and then to end. */
  feed(id: string): JobFeed {
    const changed = new Signal<object, void>({});
    const feed = {
      id,
      job: null as Job | null,
      problem: null,
      steps: [],
      isDisposed: false,
      done: Promise.resolve(),
      changed,
      dispose: () => undefined
    };
    if (this.isRunningAtFirst) {
      feed.done = Promise.resolve()
        .then(() => {
          feed.job = job({ id });
          changed.emit();
        })
        .then(() => {
          feed.job = job({ id, state: 'succeeded' });
          changed.emit();
        });
    }
    return feed as unknown as JobFeed;
  }

  bodies(name: string): unknown[] {
    return this.asked
      .filter(([asked]) => asked === name)
      .map(([, body, options]) => (options ? [body, options] : body));
  }
}

async function begun(server: Server, state: Partial<IGuideState> = {}) {
  const model = new GuideModel({
    client: server.client,
    jobs: server.model,
    trans,
    state: stateOf(state),
    sleep: () => Promise.resolve()
  });
  await model.start();
  await settle();
  return model;
}

function open(model: GuideModel): Step[] {
  return STEPS.filter(step => model.isOpen(step));
}

function changed(): ProblemError {
  return new ProblemError({
    code: 'plan-changed',
    kind: 'conflict',
    title: 'It has changed',
    detail: '',
    hint: '',
    context: null,
    errors: []
  });
}

describe('the guided page', () => {
  it('unfolds a step when the one before is done', async () => {
    const server = new Server();
    const model = new GuideModel({
      client: server.client,
      jobs: server.model,
      trans
    });
    expect(open(model)).toEqual(['found']);
    await model.start();
    expect(open(model)).toEqual(['found', 'prove']);
    model.set({ code: 'import pandas', kernel: 'python3' });
    await settle();
    await model.proving.prove();
    await settle();
    expect(server.bodies('probe')).toEqual([
      { code: 'import pandas', kernel: 'python3', directory: '' }
    ]);
    // What was proven is chosen, and its plan made.
    expect(model.state.cure).toBe('packages');
    expect(server.bodies('planReset')).toEqual([
      {
        scope: 'packages',
        packages: ['numpy'],
        python: '3.11',
        name: '',
        keep_jupyter: false
      }
    ]);
    expect(open(model)).toEqual(['found', 'prove', 'cure', 'carry-out']);
  });

  it('goes on without a proof, and without a diagnosis', async () => {
    const server = new Server();
    server.diagnosis = null;
    const model = await begun(server);
    expect(open(model)).toEqual(['found', 'prove']);
    model.set({ isUnproven: true });
    expect(open(model)).toEqual(['found', 'prove', 'cure']);
    server.diagnosis = new Error('down');
    await model.look(true);
    expect(model.problemOf('found')?.detail).toBe('down');
    expect(model.isOpen('prove')).toBe(true);
  });

  it('carries out what was shown, then looks and runs again', async () => {
    const server = new Server();
    const model = await begun(server, { proof: 'p0' });
    expect(model.choosing.whyNot).toBe('');
    model.set({ name: ' old-numpy ' });
    server.resets = [job({ id: 'j9', operation: 'usersite.reset' })];
    await model.carryOut();
    expect(server.bodies('reset')).toEqual([
      [
        expect.objectContaining({ name: 'old-numpy', packages: ['numpy'] }),
        { digest: 'd1', breakLock: false }
      ]
    ]);
    expect(model.isWorking).toBe(true);
    expect(model.isDone).toBe(false);
    server.model.accept(
      job({
        id: 'j9',
        state: 'succeeded',
        result: { snapshot: 'old-numpy' }
      })
    );
    await settle();
    expect(model.isDone).toBe(true);
    expect(open(model)).toEqual([...STEPS]);
    expect(server.bodies('reinstall')).toEqual(['old-numpy']);
    expect(
      server.asked.filter(([name]) => name === 'diagnosis').at(-1)
    ).toEqual(['diagnosis', { kernel: 'python3', interpreter: '' }, true]);
    expect(server.bodies('probe')).toEqual([
      { code: 'import pandas', kernel: 'python3', find_culprits: false }
    ]);
    model.goBack();
    await settle();
    expect(open(model)).toEqual(['found', 'prove', 'cure', 'carry-out']);
  });

  it('shows the new plan where the world has changed, and moves nothing', async () => {
    const server = new Server();
    const model = await begun(server, { isUnproven: true, cure: 'all' });
    server.plans = [plan({ digest: 'd2', summary: '4 packages' })];
    server.resets = [changed()];
    await model.carryOut();
    expect(model.problemOf('carry-out')?.code).toBe('plan-changed');
    expect(model.plan?.digest).toBe('d2');
    expect(model.isDone || model.isWorking).toBe(false);
    server.resets = [job({ id: 'j9' })];
    await model.carryOut();
    expect(server.bodies('reset').at(-1)).toEqual([
      { scope: 'all', name: '', keep_jupyter: false },
      { digest: 'd2', breakLock: false }
    ]);
  });

  it('carries nothing out that is refused, until Jupyter is kept', async () => {
    const server = new Server();
    server.plans = [plan({ refusal: 'This server runs from it.' })];
    const model = await begun(server, { isUnproven: true, cure: 'minor' });
    expect(model.choosing.whyNot).toBe('This server runs from it.');
    await model.carryOut();
    expect(server.bodies('reset')).toEqual([]);
    model.set({ keepJupyter: true });
    await settle();
    expect(server.bodies('planReset').at(-1)).toMatchObject({
      scope: 'minor',
      python: '3.11',
      keep_jupyter: true
    });
    expect(model.choosing.whyNot).toBe('');
  });

  it('changes a kernel and takes that back', async () => {
    const server = new Server();
    const model = await begun(server, {
      isUnproven: true,
      kernel: 'python3',
      cure: 'isolate'
    });
    await model.carryOut();
    expect(server.bodies('isolate')).toEqual([
      [{ kernel: 'python3' }, { digest: 'd1' }]
    ]);
    expect(model.state.changed).toBe('python3');
    await model.undo();
    expect(server.bodies('undo')).toEqual([{ kernel: 'python3' }]);
    expect(model.isDone).toBe(false);
  });

  it('offers to isolate an environment where a kernel starts one of conda', async () => {
    const server = new Server();
    const names = (model: GuideModel) =>
      model.choosing.offers.map(offer => offer.cure);
    server.environments = [
      environment({ id: 'conda:tf', name: 'tf', kind: 'conda' })
    ];
    server.kernels = [
      { name: 'tf', language: 'python', environment: 'conda:tf' },
      { name: 'python3', language: 'python', environment: 'image' }
    ];
    const model = await begun(server, { isUnproven: true, kernel: 'python3' });
    expect(names(model)).not.toContain('isolate-environment');
    model.set({ kernel: 'tf', cure: 'isolate-environment' });
    await settle();
    await model.carryOut();
    expect(server.bodies('isolate')).toEqual([
      [{ environment: 'conda:tf' }, { digest: 'd1' }]
    ]);
    expect(model.state.changedEnvironment).toBe('conda:tf');
    await model.undo();
    expect(server.bodies('undo')).toEqual([{ environment: 'conda:tf' }]);
    expect(model.isDone).toBe(false);
  });

  it('deletes for good what was typed, and brings nothing back', async () => {
    const server = new Server();
    const model = await begun(server, { isUnproven: true });
    expect(model.choosing.offers.map(offer => offer.cure)).not.toContain(
      'remove'
    );
    model.set({ cure: 'remove', python: '3.8' });
    await settle();
    await model.carryOut(false, 'Python 3.8');
    const body = { scope: 'minor', python: '3.8', keep_jupyter: false };
    expect(server.bodies('planRemove').at(-1)).toEqual({
      ...body,
      confirm: ''
    });
    expect(server.bodies('remove')).toEqual([
      [
        { ...body, confirm: 'Python 3.8' },
        { digest: 'd1', breakLock: false }
      ]
    ]);
    server.model.accept(
      job({
        id: 'd1',
        operation: 'usersite.remove',
        state: 'succeeded',
        subject: 'Python 3.8',
        result: { snapshot: 'gone' }
      })
    );
    await settle();
    expect(model.state).toMatchObject({ removed: 'Python 3.8', snapshot: '' });
    expect(server.bodies('reinstall')).toEqual([]);
  });

  it('shows the problem of a job that failed, and can try again', async () => {
    const server = new Server();
    const model = await begun(server, { isUnproven: true, cure: 'all' });
    server.resets = [job({ id: 'j9' })];
    await model.carryOut();
    const { problem } = changed();
    server.model.accept(job({ id: 'j9', state: 'failed', problem }));
    await settle();
    expect(model.isWorking).toBe(false);
    expect(model.problemOf('carry-out')).toBe(problem);
    expect(model.choosing.whyNot).toBe('');
  });

  it('takes the fix of a finding straight to the cure', async () => {
    const model = await begun(new Server());
    model.take({
      remedy: 'hide',
      label: 'Set aside numpy',
      packages: ['numpy', 'pandas'],
      python: '3.8',
      kernel: '',
      command: ''
    });
    await settle();
    expect(model.choosing.choice).toMatchObject({
      packages: ['numpy', 'pandas'],
      python: '3.8'
    });
    expect(model.isOpen('carry-out')).toBe(true);
  });

  it('looks anew once something was proven, and only then', async () => {
    const looks = (server: Server) =>
      server.asked
        .filter(([name]) => name === 'diagnosis')
        .map(([, , fresh]) => fresh);
    const server = new Server();
    const model = await begun(server);
    model.set({ kind: 'module', module: 'pandas' });
    await model.proving.prove();
    await settle();
    expect(looks(server)).toEqual([false, true]);
    const reloaded = new Server();
    await begun(reloaded, { proof: 'p0', code: 'import pandas' });
    expect(looks(reloaded)).toEqual([false]);
  });

  it('runs a script by its whole path alone', async () => {
    const server = new Server();
    const model = await begun(server);
    model.set({ kind: 'script', script: 'train.py' });
    await model.proving.prove();
    expect(server.bodies('probe')).toEqual([]);
    model.set({ script: ' ~/project/train.py ', kernel: 'python3' });
    await model.proving.prove();
    expect(server.bodies('probe')).toEqual([
      { script: '~/project/train.py', kernel: 'python3' }
    ]);
  });

  it('opened with a proof, knows what was run', async () => {
    const model = await begun(new Server(), { proof: 'p0' });
    expect(model.state).toMatchObject({
      code: 'import pandas',
      kernel: 'python3'
    });
  });

  it('says why a kernel sees nothing of it', async () => {
    const model = await begun(new Server(), { kernel: 'dull' });
    expect(model.sight.whyHidden(model.state.kernel)).toBe('-s');
  });
});

describe('installing again', () => {
  const item = (name: string, python = '3.11'): SnapshotPackage => ({
    name,
    version: '1',
    python,
    requirement: `${name}==1`,
    asked_for: true,
    editable: false
  });

  async function after(fields: Partial<Reinstall>, proof = '') {
    const server = new Server();
    server.environments = [environment({ id: 'training' })];
    server.lists = { ...server.lists, ...fields };
    const model = await begun(server, { snapshot: 's', proof });
    return { server, model, installing: model.installing };
  }

  it('checks what was asked for, but for the culprit', async () => {
    const { installing, server } = await after(
      {
        asked_for: [item('numpy'), item('peft')],
        in_image: [item('scipy')],
        dependencies: [item('six')]
      },
      'p0'
    );
    expect(installing.requirements).toEqual(['peft==1']);
    expect(installing.isCulprit(item('numpy'))).toBe(true);
    installing.toggle(item('six'));
    await settle();
    expect(server.bodies('planInstall').at(-1)).toEqual({
      place: 'user',
      requirements: ['peft==1', 'six==1'],
      environment: '',
      python: '3.11'
    });
  });

  it('has a list for each Python', async () => {
    const { installing } = await after({
      asked_for: [item('peft', '3.8'), item('peft')]
    });
    expect(installing.pythons).toEqual(['3.8', '3.11']);
    expect(installing.part('asked_for')).toHaveLength(1);
    installing.choosePython('3.11');
    expect(installing.requirements).toEqual(['peft==1']);
    expect(installing.python).toBe('3.11');
  });

  it('installs what its plan shows, then looks and runs again', async () => {
    const { installing, server, model } = await after(
      { asked_for: [item('peft')] },
      'p0'
    );
    installing.choosePlace('environment');
    await settle();
    expect(installing.whyNot).toBe('');
    server.isRunningAtFirst = true;
    await installing.install();
    await settle();
    expect(server.bodies('install')).toEqual([
      [
        {
          place: 'environment',
          requirements: ['peft==1'],
          environment: 'training',
          python: ''
        },
        { digest: 'd1' }
      ]
    ]);
    expect(server.bodies('probe')).toHaveLength(1);
    expect(model.state.installs).toBe('i1');
  });

  it('says why not', async () => {
    const { installing } = await after({ asked_for: [] });
    expect(installing.whyNot).toBe('Check at least one package.');
    await installing.install();
    expect(installing.feed).toBeNull();
  });
});

describe('bringing it back', () => {
  it('goes back to the choice of a cure, unless it came to nothing', async () => {
    const server = new Server();
    const model = await begun(server, { snapshot: 's' });
    await model.restore(() => Promise.resolve(null));
    expect(model.isDone).toBe(true);
    server.ends = changed();
    await model.restore(() => Promise.resolve(job({ id: 'r1' })));
    expect(model.problemOf('after')?.code).toBe('plan-changed');
    server.ends = job({ id: 'r1', state: 'succeeded' });
    await model.restore(() => Promise.resolve(job({ id: 'r1' })));
    expect(model.isDone).toBe(false);
  });
});

describe('a job of the user site', () => {
  it('leads back to the page that it was begun on', () => {
    const probe = job({ id: 'p1', operation: 'usersite.probe' });
    expect(guideOf(probe)).toEqual({ proof: 'p1' });
    expect(isAbout(stateOf({ proof: 'p1' }), probe)).toBe(true);
    const reset = job({
      id: 'j1',
      operation: 'usersite.reset',
      state: 'succeeded',
      result: { snapshot: 'old' }
    });
    expect(stateOf(guideOf(reset)!)).toMatchObject({ snapshot: 'old' });
    expect(isAbout(stateOf({ snapshot: 'old' }), reset)).toBe(true);
    expect(isAbout(stateOf({}), reset)).toBe(false);
    const failed = { ...reset, state: 'failed', result: {} } as Job;
    expect(stateOf(guideOf(failed)!)).toMatchObject({ job: 'j1' });
    expect(guideOf(job({ operation: 'usersite.restore' }))).toBeNull();
  });
});

describe('the state of the page', () => {
  it('keeps what differs, and forgets what it does not understand', () => {
    const state = stateOf({ kernel: 'python3', cure: 'explode', name: 3 });
    expect(keptOf(state)).toEqual({ kernel: 'python3' });
    expect(stateOf(keptOf(state))).toEqual(state);
  });
});
