import type { Client, Diagnosis, Job, Plan, Proof, Scan } from '../api';
import { ProblemError } from '../api';
import type { JobsModel } from '../jobs/model';
import { Signal } from '@lumino/signaling';
import { nullTranslator } from '@jupyterlab/translation';
import { GuideModel, type Step, STEPS } from '../usersite/guide';
import { type IGuideState, keptOf, stateOf } from '../usersite/state';
import { job, settle } from './make';

const trans = nullTranslator.load('jupyter_envmgr');

function plan(fields: Partial<Plan> = {}): Plan {
  return {
    operation: 'usersite.reset',
    subject: 'numpy',
    summary: '1 package',
    steps: [],
    facts: [],
    warnings: [],
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
      planIsolate: (kernel: string) => {
        note('planIsolate', kernel);
        return answer(plan({ operation: 'usersite.isolate' }));
      },
      isolate: (kernel: string, options: unknown) => {
        note('isolate', kernel, options);
        return answer(plan());
      },
      undo: (kernel: string) => {
        note('undo', kernel);
        return answer(plan());
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
        return answer({ in_image: [], asked_for: [], dependencies: [] });
      }
    };
    return {
      usersite,
      kernels: () => answer({ kernels: [] }),
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
      follow: (id: string) => ({
        id,
        job: null,
        problem: null,
        steps: [],
        isDisposed: false,
        done: Promise.resolve(),
        changed: new Signal<object, void>({}),
        dispose: () => undefined
      })
    } as unknown as JobsModel;
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
    await model.prove();
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
    expect(model.whyNot).toBe('');
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
    expect(server.asked.filter(([name]) => name === 'diagnosis')).toHaveLength(
      2
    );
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
    expect(model.whyNot).toBe('This server runs from it.');
    await model.carryOut();
    expect(server.bodies('reset')).toEqual([]);
    model.set({ keepJupyter: true });
    await settle();
    expect(server.bodies('planReset').at(-1)).toMatchObject({
      scope: 'minor',
      python: '3.11',
      keep_jupyter: true
    });
    expect(model.whyNot).toBe('');
  });

  it('changes a kernel and takes that back', async () => {
    const server = new Server();
    const model = await begun(server, {
      isUnproven: true,
      kernel: 'python3',
      cure: 'isolate'
    });
    await model.carryOut();
    expect(server.bodies('isolate')).toEqual([['python3', { digest: 'd1' }]]);
    expect(model.state.changed).toBe('python3');
    await model.undo();
    expect(server.bodies('undo')).toEqual(['python3']);
    expect(model.isDone).toBe(false);
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
    expect(model.whyNot).toBe('');
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
    expect(model.choice).toEqual({
      kernel: '',
      packages: ['numpy', 'pandas'],
      python: '3.8'
    });
    expect(model.isOpen('carry-out')).toBe(true);
  });

  it('says why a kernel sees nothing of it', async () => {
    const model = await begun(new Server(), { kernel: 'dull' });
    expect(model.sight.whyHidden(model.state.kernel)).toBe('-s');
  });
});

describe('the state of the page', () => {
  it('keeps what differs, and forgets what it does not understand', () => {
    const state = stateOf({ kernel: 'python3', cure: 'explode', name: 3 });
    expect(keptOf(state)).toEqual({ kernel: 'python3' });
    expect(stateOf(keptOf(state))).toEqual(state);
  });
});
