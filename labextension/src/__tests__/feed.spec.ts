import type { Client, EventList, Job } from '../api';
import { ProblemError } from '../api';
import { JobFeed, LOG_LINES } from '../jobs/feed';
import { event, events, job } from './make';

type Answer = EventList | Error;

/** A feed of a server that answers in turn; its last answer must end the job. */
function feedOf(answers: Answer[]) {
  const asked: [number, number][] = [];
  const slept: number[] = [];
  const accepted: Job[] = [];
  const client = {
    events: (_: string, after: number, wait: number) => {
      asked.push([after, wait]);
      const answer = answers.shift();
      if (answer === undefined) {
        return Promise.reject(new Error('nobody should ask again'));
      }
      return answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve(answer);
    }
  };
  const feed = new JobFeed({
    id: 'j1',
    client: client as unknown as Client,
    accept: seen => accepted.push(seen),
    sleep: milliseconds => {
      slept.push(milliseconds);
      return Promise.resolve();
    }
  });
  return { feed, asked, slept, accepted };
}

const STEP = {
  type: 'step-started',
  step: 'install',
  title: 'Installing',
  number: 2,
  total: 3
} as const;

describe('JobFeed', () => {
  it('reads what there is at once, then waits, from where it was', async () => {
    const { feed, asked, accepted } = feedOf([
      events([event(1, STEP), event(2, { text: '+ numpy' })], { seq: 2 }),
      events([event(3, { type: 'finished', state: 'succeeded' })], {
        state: 'succeeded',
        seq: 3
      })
    ]);
    await feed.done;
    expect(asked).toEqual([
      [0, 0],
      [2, 20]
    ]);
    expect(feed.steps.map(step => step.title)).toEqual(['Installing']);
    expect(feed.log.map(line => [line.kind, line.text])).toEqual([
      ['step', 'Installing'],
      ['error', '+ numpy']
    ]);
    expect(accepted.at(-1)?.state).toBe('succeeded');
  });

  it('shows an event once although it comes twice', async () => {
    const { feed } = feedOf([
      events([event(1, { text: 'one' })], { seq: 1 }),
      events([event(1, { text: 'one' }), event(2, { text: 'two' })], {
        state: 'failed',
        seq: 2
      })
    ]);
    await feed.done;
    expect(feed.log.map(line => line.text)).toEqual(['one', 'two']);
  });

  it('asks again, ever more slowly, until the server is back', async () => {
    const { feed, slept, asked } = feedOf([
      new Error('down'),
      new Error('down'),
      events([event(1, { text: 'here' })], { state: 'succeeded', seq: 1 })
    ]);
    await feed.done;
    expect(slept).toEqual([500, 1000]);
    expect(asked.map(([after]) => after)).toEqual([0, 0, 0]);
    expect(feed.problem).toBeNull();
    expect(feed.log).toHaveLength(1);
  });

  it('ends where there is no such job', async () => {
    const { feed } = feedOf([
      new ProblemError({
        code: 'no-such-job',
        kind: 'not-found',
        title: 'No such job',
        detail: '',
        hint: '',
        context: null,
        errors: []
      })
    ]);
    await feed.done;
    expect(feed.problem?.code).toBe('no-such-job');
  });

  it('goes on for the last events of a job that has ended', async () => {
    const { feed, asked } = feedOf([
      events([event(1)], { state: 'succeeded', seq: 2 }),
      events([event(2)], { state: 'succeeded', seq: 2 })
    ]);
    await feed.done;
    expect(asked).toHaveLength(2);
    expect(feed.log).toHaveLength(2);
  });

  it('keeps a long log bounded and says how much is missing', async () => {
    const many = Array.from({ length: LOG_LINES + 10 }, (_, n) =>
      event(n + 1, { text: `line ${n}` })
    );
    const { feed } = feedOf([
      events(many, { state: 'succeeded', seq: many.length })
    ]);
    await feed.done;
    expect(feed.log).toHaveLength(LOG_LINES);
    expect(feed.dropped).toBe(10);
    expect(feed.log[0].text).toBe('line 10');
  });

  it('follows nothing more when nobody looks', async () => {
    const { feed, asked } = feedOf([events([event(1)], { seq: 1 })]);
    feed.dispose();
    await feed.done;
    expect(asked).toHaveLength(1);
    expect(feed.log).toHaveLength(0);
    expect(job().state).toBe('running');
  });
});
