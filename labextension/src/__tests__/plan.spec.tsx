import { nullTranslator } from '@jupyterlab/translation';
import { render, screen, within } from '@testing-library/react';
import React from 'react';

import type { Plan } from '../api';
import { PlanRemarks, PlanSteps } from '../components/plan';
import { Format } from '../text/format';
import type { IVoice } from '../text/words';

const voice: IVoice = {
  trans: nullTranslator.load('jupyter_envmgr'),
  format: new Format('en')
};

type Step = Plan['steps'][number];

function installing(name: string, size: number | null = 1000): Step {
  return {
    action: 'install',
    target: `${name} 1.0`,
    detail: 'conda-forge',
    package: {
      name,
      before: '',
      after: '1.0',
      channel: 'conda-forge',
      channel_url: 'https://conda.anaconda.org/conda-forge',
      size
    }
  };
}

function plain(action: string, target: string): Step {
  return { action, target, detail: '', package: null };
}

function rows(): string[] {
  return screen
    .getAllByRole('row')
    .slice(1)
    .map(row => row.textContent.replace(/\s+/g, ' ').trim());
}

describe('PlanRemarks', () => {
  it('tells a warning from what is good to know, not by colour alone', () => {
    const plan = { warnings: ['It is lost.'], notices: ['It was left out.'] };
    render(<PlanRemarks plan={plan} trans={voice.trans} />);
    const iconOf = (text: string) =>
      within(screen.getByText(text).parentElement!).getByRole('img');
    expect(iconOf('It is lost.').getAttribute('aria-label')).toBe('Warning');
    expect(iconOf('It was left out.').getAttribute('aria-label')).toBe('Note');
    expect(iconOf('It is lost.').innerHTML).not.toBe(
      iconOf('It was left out.').innerHTML
    );
  });
});

describe('PlanSteps', () => {
  it('shows packages in columns, and their sum', () => {
    const replaced: Step = {
      ...installing('b', null),
      action: 'replace',
      package: {
        name: 'b',
        before: '1.0',
        after: '2.0',
        channel: 'file:///mirrors/ours',
        channel_url: 'file:///mirrors/ours',
        size: null
      }
    };
    const steps = [plain('create', '/home/x'), installing('a'), replaced];
    render(<PlanSteps steps={steps} voice={voice} />);
    expect(rows()).toEqual([
      'install a 1.0 conda-forge 1 kB',
      'replace b 1.0 → 2.0 file:///mirrors/ours',
      '2 packages 1 kB'
    ]);
    expect(screen.getByText('conda-forge').title).toBe(
      'https://conda.anaconda.org/conda-forge'
    );
    expect(screen.getByRole('list', { name: 'Steps' }).textContent).toContain(
      'create /home/x'
    );
    expect(screen.getByRole('table').tabIndex).toBe(0);
  });

  it('has no table where no package is known', () => {
    render(<PlanSteps steps={[plain('delete', '/x')]} voice={voice} />);
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('sums up hundreds', () => {
    const steps = Array.from({ length: 1300 }, (_, n) => installing(`p${n}`));
    render(<PlanSteps steps={steps} voice={voice} />);
    expect(rows()).toHaveLength(1301);
    expect(rows().at(-1)).toBe('1,300 packages 1.3 MB');
  });
});
