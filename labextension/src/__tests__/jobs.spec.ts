import type { Client, Job } from '../api';
import { JobsModel } from '../jobs/model';
import { job } from './make';

function modelOf(answers: Job[][]) {
  const calls: string[] = [];
  const client = {
    jobs: () => {
      calls.push('jobs');
      return Promise.resolve({ jobs: answers.shift() ?? [] });
    },
    cancelJob: (id: string) => {
      calls.push(`cancel ${id}`);
      return Promise.resolve(job({ id, cancelling: true, seq: 9 }));
    },
    removeJob: (id: string) => {
      calls.push(`remove ${id}`);
      return Promise.resolve(job({ id }));
    }
  };
  const model = new JobsModel({
    client: client as unknown as Client,
    standby: 'never'
  });
  return { model, calls };
}

describe('JobsModel', () => {
  it('tells once of each job that ends, and not of those that had ended', async () => {
    const { model } = modelOf([
      [job({ id: 'a' }), job({ id: 'old', state: 'failed' })],
      [job({ id: 'a', state: 'succeeded', seq: 5 })],
      [job({ id: 'a', state: 'succeeded', seq: 5 })]
    ]);
    const ended: string[] = [];
    model.ended.connect((_, one) => ended.push(one.id));
    await model.refresh();
    await model.refresh();
    await model.refresh();
    expect(ended).toEqual(['a']);
    model.dispose();
  });

  it('does not turn time back for an answer that was late', async () => {
    const { model } = modelOf([[job({ seq: 1 })], [job({ seq: 2 })]]);
    await model.refresh();
    model.accept(job({ seq: 7, progress: 0.7 }));
    await model.refresh();
    expect(model.find('j1')?.progress).toBe(0.7);
    model.accept(job({ seq: 3 }));
    expect(model.find('j1')?.seq).toBe(7);
    model.dispose();
  });

  it('has the newest first', () => {
    const { model } = modelOf([]);
    model.accept(job({ id: 'a', created: '2026-05-01T00:00:00Z' }));
    model.accept(job({ id: 'b', created: '2026-05-03T00:00:00Z' }));
    model.accept(job({ id: 'c', created: '2026-05-02T00:00:00Z' }));
    expect(model.jobs.map(one => one.id)).toEqual(['b', 'c', 'a']);
    model.dispose();
  });

  it('knows what works on an environment', () => {
    const { model } = modelOf([]);
    model.accept(job({ id: 'a', subject: 'x', state: 'failed' }));
    expect(model.activeOf('x')).toBeUndefined();
    expect(model.latestOf('x')?.id).toBe('a');
    model.accept(job({ id: 'b', subject: 'x', created: '2027-01-01' }));
    expect(model.activeOf('x')?.id).toBe('b');
    model.dispose();
  });

  it('forgets what has ended and keeps what runs', async () => {
    const { model, calls } = modelOf([]);
    model.accept(job({ id: 'a', state: 'failed' }));
    model.accept(job({ id: 'b' }));
    await model.clear();
    expect(calls).toEqual(['remove a']);
    expect(model.jobs.map(one => one.id)).toEqual(['b']);
    model.dispose();
  });

  it('shows that a cancel was asked for', async () => {
    const { model, calls } = modelOf([]);
    model.accept(job({ id: 'a' }));
    await model.cancel('a');
    expect(calls).toEqual(['cancel a']);
    expect(model.find('a')?.cancelling).toBe(true);
    model.dispose();
  });
});
