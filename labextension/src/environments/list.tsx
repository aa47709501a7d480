/**
 * The list of environments: filter, tree, and what is said when there is nothing to list.
 */
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useMemo, useReducer, useRef } from 'react';

import type { Job } from '../api';
import { CommandIDs } from '../commands/ids';
import { Button, Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { SearchBox } from '../packages/lines';
import { hasEnded, type IVoice } from '../text/words';
import type { ISource, Line } from './line';
import { linesOf } from './lines';
import type { IListProps } from './props';
import type { EnvironmentsView } from './view';
import { Environments } from './browse';

/**
 * The content of the section.
 */
export function EnvironmentsList(props: IListProps): React.JSX.Element {
  const { model, view } = props;
  return (
    <UseSignal signal={model.changed}>
      {() => (
        <UseSignal signal={model.jobs.changed}>
          {() => (
            <UseSignal signal={model.packages.changed}>
              {() => (
                <UseSignal signal={view.changed}>
                  {() => <Content {...props} />}
                </UseSignal>
              )}
            </UseSignal>
          )}
        </UseSignal>
      )}
    </UseSignal>
  );
}

function Content(props: IListProps): React.JSX.Element {
  const { model, view, voice, commands } = props;
  const { trans } = voice;
  const input = useRef<HTMLDivElement>(null);
  const [focusCount, countFocus] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const onFocus = (_: EnvironmentsView, what: 'filter' | 'line') => {
      if (what === 'line') {
        countFocus();
      } else {
        input.current?.querySelector('input')?.select();
      }
    };
    view.focusRequested.connect(onFocus);
    return () => {
      view.focusRequested.disconnect(onFocus);
    };
  }, [view]);

  const lines = useLines(props);
  const hasOwn = model.environments.some(e => e.managed);
  const isSearch = view.query.trim() !== '';
  const found = lines.filter(line => line.kind === 'environment').length;

  return (
    <>
      <div className="jp-EnvMgr-filter" role="search" ref={input}>
        <SearchBox
          query={view.query}
          label={trans.__('Filter by name, package, label')}
          onChange={query => view.filter(query)}
          onLeave={() => view.focus('line')}
        />
      </div>
      <div className="jp-EnvMgr-hidden" role="status">
        {isSearch
          ? trans._n(
              '%2 environment found',
              '%2 environments found',
              found,
              voice.format.count(found)
            )
          : ''}
      </div>
      {model.problem && (
        <ProblemCard problem={model.problem} trans={trans} isNew>
          <Button
            kind="link"
            onClick={() => void commands.execute(CommandIDs.refresh)}
          >
            {trans.__('Try again')}
          </Button>
        </ProblemCard>
      )}
      {model.warnings.length > 0 && (
        <Warnings warnings={model.warnings} voice={voice} />
      )}
      {!model.isReady && <Skeleton lines={6} trans={trans} />}
      {model.isReady && !model.problem && !hasOwn && !isSearch && (
        <Empty {...props} />
      )}
      {isSearch && found === 0 && model.isReady && (
        <div className="jp-EnvMgr-empty">
          <p>{trans.__('No environment fits “%1”.', view.query.trim())}</p>
          <Button kind="link" onClick={() => view.filter('')}>
            {trans.__('Show all')}
          </Button>
        </div>
      )}
      {lines.length > 0 && (
        <Environments {...props} lines={lines} focusCount={focusCount} />
      )}
    </>
  );
}

function Empty(props: IListProps): React.JSX.Element {
  const { trans } = props.voice;
  return (
    <div className="jp-EnvMgr-empty">
      <p>{trans.__('No environments of your own yet.')}</p>
      <p>
        {trans.__(
          'An environment keeps its packages apart from the image and from ~/.local.'
        )}
      </p>
      <Button
        kind="accept"
        onClick={() => void props.commands.execute(CommandIDs.create)}
      >
        {trans.__('Create one')}
      </Button>
    </div>
  );
}

function Warnings(props: {
  warnings: readonly string[];
  voice: IVoice;
}): React.JSX.Element {
  const { warnings, voice } = props;
  return (
    <details className="jp-EnvMgr-warnings">
      <summary>
        {voice.trans._n(
          '%1 place could not be read',
          '%1 places could not be read',
          warnings.length
        )}
      </summary>
      <ul>
        {warnings.map(warning => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </details>
  );
}

/** The lines, and the reading of what the open ones need. */
function useLines(props: IListProps): readonly Line[] {
  const { model, view, voice } = props;
  const { environments, jobs, packages } = model;
  const { query, expanded, searches, showOthers } = view;
  const lines = useMemo(
    () => {
      const active = new Map<string, Job>();
      for (const job of jobs.jobs.filter(other => !hasEnded(other))) {
        active.set(job.subject, job);
      }
      const source: ISource = {
        environments,
        jobOf: id => active.get(id),
        packagesOf: id => packages.packages(id)
      };
      const shown = { query, expanded, searches, showOthers };
      return linesOf(source, shown, voice.trans);
    },
    // The version stands for what the packages' model holds.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [
      environments,
      jobs.jobs,
      packages.version,
      query,
      expanded,
      searches,
      showOthers,
      voice
    ]
  );
  useEffect(() => {
    for (const line of lines) {
      if (line.kind === 'part' && line.part !== 'details') {
        const { id } = line.environment;
        const reading = model.packages.packages(id);
        if (reading.value === null && reading.problem === null) {
          void model.packages.loadPackages(id);
        }
      }
    }
  });
  return lines;
}
