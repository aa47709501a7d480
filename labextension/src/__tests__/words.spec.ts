import { nullTranslator } from '@jupyterlab/translation';

import type { UserPackage, UserPython } from '../api';
import { SingleFlight } from '../api';
import { groupOf, inOrder, matches } from '../environments/filter';
import { Format, localeOf } from '../text/format';
import { hasEnded, jobStateWord, minorOf, nameOf } from '../text/words';
import { isHiding, packagesOf } from '../usersite/model';
import { environment, job, settle } from './make';

const TRANS = nullTranslator.load('jupyter_envmgr');
const NOW = Date.parse('2026-05-02T12:00:00Z');
const english = new Format('en', () => NOW);

describe('Format', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1500, '1.5 kB'],
    [5_100_000_000, '5.1 GB'],
    [312_000_000_000, '312 GB'],
    [999_999, '1 MB']
  ])('writes %d bytes as %s', (size, text) =>
    expect(english.bytes(size)).toBe(text)
  );

  it.each([
    ['2026-05-02T11:59:40Z', 'now'],
    ['2026-05-02T12:00:30Z', 'now'],
    ['2026-05-02T11:58:00Z', '2 minutes ago'],
    ['2026-05-01T12:00:00Z', 'yesterday'],
    ['nonsense', '']
  ])('tells how long ago %s is', (time, text) =>
    expect(english.ago(time)).toBe(text)
  );

  it('writes the times in a text of the server as people do', () => {
    const format = new Format('en', () => NOW);
    const text = format.times('3 packages of 2026-05-02T11:58:00.123Z come');
    expect(text).toMatch(/^3 packages of May 2, 2026, \d+:58\s[AP]M come$/);
    expect(format.times('numpy 1.21 of 2026-05-02')).toBe(
      'numpy 1.21 of 2026-05-02'
    );
  });

  it('never says 100 % before the end', () => {
    expect(english.percent(0.999)).toBe('99%');
    expect(english.percent(1)).toBe('100%');
    expect(english.percent(7)).toBe('100%');
  });

  it('counts time in units that fit', () => {
    expect(english.duration(41.2)).toBe('41s');
    expect(english.duration(125)).toBe('2m 5s');
    expect(english.duration(3725)).toBe('1h 2m');
    expect(english.seconds('2026-05-02T11:59:00Z', null)).toBe(60);
  });

  it('speaks the language of the interface', () => {
    expect(localeOf('zh_CN')).toBe('zh-CN');
    expect(localeOf('default')).toMatch(/^en/);
  });
});

describe('filtering environments', () => {
  const one = environment({
    name: 'training',
    asked_for: ['torch==2.8'],
    labels: { team: 'vision' },
    python: '3.12.4'
  });

  it.each(['', 'train', 'torch', 'team=vision', 'python 3.12', 'TRAIN  Torch'])(
    'finds it by %p',
    query => expect(matches(one, query, TRANS)).toBe(true)
  );

  it.each(['tensorflow', 'train tensorflow', '2.7'])(
    'does not find it by %p',
    query => expect(matches(one, query, TRANS)).toBe(false)
  );

  it('puts own ones by name with the image last', () => {
    const names = inOrder([
      environment({ name: 'image', kind: 'image', managed: false }),
      environment({ name: 'env10' }),
      environment({ name: 'env9' })
    ]).map(e => e.name);
    expect(names).toEqual(['env9', 'env10', 'image']);
  });

  it('has a group for each', () => {
    expect(groupOf(environment())).toBe('own');
    expect(groupOf(environment({ managed: false }))).toBe('found');
    expect(groupOf(environment({ kind: 'interpreter' }))).toBe('others');
  });
});

describe('words', () => {
  it('calls an environment what a person chose to call it', () => {
    const made = environment({ display_name: 'Python 3.12 (training)' });
    expect(nameOf(made)).toBe('training');
    expect(nameOf(environment({ display_name: 'The big one' }))).toBe(
      'The big one'
    );
  });

  it('says that a job is being cancelled until it has ended', () => {
    expect(jobStateWord(job({ cancelling: true }), TRANS)).toBe('cancelling…');
    const ended = job({ cancelling: true, state: 'cancelled' });
    expect(jobStateWord(ended, TRANS)).toBe('cancelled');
    expect(hasEnded(ended)).toBe(true);
    expect(hasEnded(job({ state: 'queued' }))).toBe(false);
  });

  it('shortens a version to what matters', () =>
    expect(minorOf('3.12.4')).toBe('3.12'));
});

describe('user packages', () => {
  const item = (name: string, hides = ''): UserPackage =>
    ({
      package: { name, version: '1', summary: '' },
      hides,
      hides_path: '',
      wins: ''
    }) as unknown as UserPackage;
  const python = {
    packages: [item('attrs'), item('numpy', '2.1.3'), item('zstd')]
  } as unknown as UserPython;

  it('come with those first that hide others', () => {
    const names = packagesOf(python, '').map(one => one.package.name);
    expect(names).toEqual(['numpy', 'attrs', 'zstd']);
    expect(packagesOf(python, '').map(isHiding)).toEqual([true, false, false]);
  });

  it('are searched by word', () =>
    expect(packagesOf(python, 'num').map(one => one.package.name)).toEqual([
      'numpy'
    ]));
});

describe('SingleFlight', () => {
  it('runs once more for all who ask while it runs', async () => {
    const begun: (() => void)[] = [];
    const flight = new SingleFlight(
      () => new Promise<void>(resolve => begun.push(resolve))
    );
    const first = flight.run();
    const second = flight.run();
    const third = flight.run();
    expect(begun).toHaveLength(1);
    begun[0]();
    await first;
    await settle();
    expect(begun).toHaveLength(2);
    begun[1]();
    await Promise.all([second, third]);
    expect(begun).toHaveLength(2);
  });

  it('can be run again after a failure', async () => {
    let count = 0;
    const flight = new SingleFlight(() => {
      count += 1;
      return count === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
    });
    await expect(flight.run()).rejects.toThrow('no');
    await flight.run();
    expect(count).toBe(2);
  });
});
