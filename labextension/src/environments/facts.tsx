/**
 * All that is known of an environment, as a table.
 */
import React from 'react';

import type { Environment } from '../api';
import { type IVoice, persistenceWord } from '../text/words';

/**
 * All that is known of an environment, as pairs of a label and a text.
 */
export function factsOf(
  environment: Environment,
  voice: IVoice
): readonly (readonly [string, string])[] {
  const { trans, format } = voice;
  const { persistence } = environment;
  const filesystem = [
    persistence.filesystem,
    persistence.mount_point,
    persistence.network ? trans.__('over the network') : ''
  ];
  const lasting = persistenceWord(persistence, trans);
  const kernels = environment.kernels.map(k => `${k.display_name} (${k.name})`);
  const facts: [string, string][] = [
    [trans.__('Name'), environment.name],
    [trans.__('Display name'), environment.display_name],
    [
      trans.__('Python'),
      [environment.implementation, environment.python].filter(Boolean).join(' ')
    ],
    [trans.__('Manager'), environment.manager ?? ''],
    [trans.__('Engine'), environment.engine],
    [trans.__('Path'), environment.path],
    [trans.__('Interpreter'), environment.interpreter ?? ''],
    [trans.__('Based on'), environment.base ?? ''],
    [trans.__('Location'), environment.location ?? ''],
    [
      trans.__('Persistence'),
      [lasting, persistence.why].filter(Boolean).join(': ')
    ],
    [trans.__('File system'), filesystem.filter(Boolean).join(', ')],
    [
      trans.__('User packages'),
      [
        environment.user_site ? trans.__('visible') : trans.__('not visible'),
        environment.user_site_why
      ]
        .filter(Boolean)
        .join(': ')
    ],
    [trans.__('Kernels'), kernels.join('\n')],
    [trans.__('Created'), format.absolute(environment.created)],
    [trans.__('Found by'), environment.source]
  ];
  return facts.filter(([, text]) => text !== '');
}

/**
 * The table of facts.
 */
export function FactTable(props: {
  environment: Environment;
  voice: IVoice;
}): React.JSX.Element {
  return (
    <dl className="jp-EnvMgr-factTable jp-EnvMgr-selectable">
      {factsOf(props.environment, props.voice).map(([label, text]) => (
        <React.Fragment key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
