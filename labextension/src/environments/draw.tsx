/**
 * How each line of the tree of environments looks.
 */
import React from 'react';

import { CommandIDs } from '../commands/ids';
import { Button, Skeleton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { type ILineAttributes } from '../components/tree';
import { PackageLine, packageTitle, SearchBox } from '../packages/lines';
import { type IVoice, nameOf } from '../text/words';
import { requirementsOf } from './asked';
import { Summary } from './details';
import { FactTable } from './facts';
import type { Line } from './line';
import type { IListProps } from './props';
import type { EnvironmentsModel } from './model';
import { canChange, Caret, labelOf, Row } from './row';

export function attributesOf(line: Line, voice: IVoice): ILineAttributes {
  const { trans, format } = voice;
  const indent = `jp-mod-level-${Math.min(4, line.level)}`;
  switch (line.kind) {
    case 'group':
      return {
        className: 'jp-EnvMgr-group',
        label: `${groupWord(line.group, trans)}, ${format.count(line.count)}`
      };
    case 'environment':
      return {
        className: `jp-EnvMgr-environment jp-mod-${line.environment.status}`,
        label: labelOf(line.environment, line.job, voice),
        title: titleOf(line),
        dataset: { 'data-environment': line.environment.id }
      };
    case 'summary':
    case 'facts':
    case 'note':
      return { className: `jp-EnvMgr-block ${indent}`, isTall: true };
    case 'search':
      return {
        className: `jp-EnvMgr-inner ${indent}`,
        label: trans.__('Search these packages: press Enter')
      };
    case 'package':
      return {
        className: `jp-EnvMgr-inner jp-EnvMgr-packageLine ${indent}`,
        title: packageTitle(line.package, voice),
        dataset: {
          'data-environment': line.environment.id,
          'data-package': line.package.name
        }
      };
    default:
      return { className: `jp-EnvMgr-inner jp-EnvMgr-part ${indent}` };
  }
}

function titleOf(line: Extract<Line, { kind: 'environment' }>): string {
  const { environment } = line;
  return [
    nameOf(environment) === environment.name
      ? environment.name
      : `${nameOf(environment)} (${environment.name})`,
    environment.reason,
    environment.path
  ]
    .filter(Boolean)
    .join('\n');
}

function groupWord(
  group: Extract<Line, { kind: 'group' }>['group'],
  trans: IVoice['trans']
): string {
  return group === 'others'
    ? trans.__('Other Pythons')
    : trans.__('Found here');
}

export function Drawn(
  props: IListProps & { line: Line; isCurrent: boolean }
): React.JSX.Element {
  const { line, model, view, voice, commands, isCurrent } = props;
  const { trans, format } = voice;
  const run = (command: string, args = {}) => {
    if (line.kind !== 'group') {
      const environment = line.environment.id;
      void commands.execute(command, { environment, ...args });
    }
  };
  switch (line.kind) {
    case 'group':
      return (
        <>
          <Caret expanded={line.expanded === true} />
          <span className="jp-EnvMgr-name">{groupWord(line.group, trans)}</span>
          <span className="jp-EnvMgr-count">{format.count(line.count)}</span>
        </>
      );
    case 'environment':
      return (
        <Row
          environment={line.environment}
          job={line.job}
          size={model.packages.size(line.environment.id).value?.size ?? null}
          expanded={line.expanded === true}
          isCurrent={isCurrent}
          hasTerminals={props.hasTerminals}
          voice={voice}
          actions={{
            toggle: () => {
              view.select(line.key, line.environment.id);
              view.toggle(line.key);
            },
            openNotebook: () => run(CommandIDs.openNotebook),
            openTerminal: () => run(CommandIDs.openTerminal),
            openMenu: button => {
              view.select(line.key, line.environment.id);
              openMenuAt(button);
            }
          }}
        />
      );
    case 'summary':
      return (
        <Summary
          environment={line.environment}
          job={model.jobs.activeOf(line.environment.id)}
          model={model}
          isCurrent={isCurrent}
          voice={voice}
          actions={{
            retry: () => run(CommandIDs.retry),
            editAndRetry: () => run(CommandIDs.editAndRetry),
            remove: () => run(CommandIDs.remove),
            showLog: () => run(CommandIDs.showLog),
            cancel: job => run(CommandIDs.cancelJob, { job: job.id })
          }}
        />
      );
    case 'facts':
      return <FactTable environment={line.environment} voice={voice} />;
    case 'part':
      return <PartLine line={line} voice={voice} />;
    case 'search':
      return (
        <SearchBox
          query={view.searches.get(line.environment.id) ?? ''}
          label={trans.__('Search packages')}
          tabIndex={isCurrent ? 0 : -1}
          onChange={query => view.search(line.environment.id, query)}
          onLeave={() => view.focus('line')}
        />
      );
    case 'package':
      return (
        <PackageLine
          package={line.package}
          voice={voice}
          tabIndex={isCurrent ? 0 : -1}
          onMenu={
            canChange(line.environment)
              ? button => {
                  view.select(line.key, line.environment.id, line.package.name);
                  openMenuAt(button);
                }
              : undefined
          }
        />
      );
    default:
      return <Note line={line} model={model} voice={voice} />;
  }
}

function PartLine(props: {
  line: Extract<Line, { kind: 'part' }>;
  voice: IVoice;
}): React.JSX.Element {
  const { line, voice } = props;
  const { trans, format } = voice;
  const count = line.count === null ? '' : format.count(line.count);
  const words = {
    asked: trans.__('Asked for'),
    all: trans.__('All packages'),
    details: trans.__('Details')
  };
  const preview =
    line.part === 'asked' && !line.expanded
      ? requirementsOf(line.environment).join(', ')
      : '';
  return (
    <>
      <Caret expanded={line.expanded === true} />
      <span className="jp-EnvMgr-partName">{words[line.part]}</span>
      {count && <span className="jp-EnvMgr-count">{count}</span>}
      {preview && <span className="jp-EnvMgr-preview">{preview}</span>}
    </>
  );
}

function Note(props: {
  line: Extract<Line, { kind: 'note' }>;
  model: EnvironmentsModel;
  voice: IVoice;
}): React.JSX.Element {
  const { line, model, voice } = props;
  const { trans } = voice;
  if (line.reading.problem) {
    return (
      <ProblemCard problem={line.reading.problem} trans={trans}>
        <Button
          kind="link"
          onClick={() =>
            void model.packages.loadPackages(line.environment.id, true)
          }
        >
          {trans.__('Try again')}
        </Button>
      </ProblemCard>
    );
  }
  if (line.reading.value === null) {
    return <Skeleton lines={3} trans={trans} />;
  }
  return (
    <span className="jp-EnvMgr-quiet">
      {line.query
        ? trans.__('No package fits “%1”.', line.query)
        : trans.__('No packages.')}
    </span>
  );
}

/** Open the context menu of a line below one of its buttons. */
function openMenuAt(button: HTMLElement): void {
  const { left, bottom } = button.getBoundingClientRect();
  button.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left,
      clientY: bottom
    })
  );
}
