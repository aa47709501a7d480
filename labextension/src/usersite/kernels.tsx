/**
 * The kernels of a list to choose from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { GuideModel } from './guide';

/**
 * The kernels to choose from.
 */
export function KernelOptions(props: {
  model: GuideModel;
  trans: TranslationBundle;
  prefix?: string;
}): React.JSX.Element {
  const { model, trans, prefix = '' } = props;
  const { kernel } = model.state;
  const isKnown =
    kernel === '' || model.sight.kernels.some(one => one.name === kernel);
  return (
    <optgroup label={trans.__('Kernels')}>
      {!isKnown && <option value={prefix + kernel}>{kernel}</option>}
      {model.sight.kernels.map(one => (
        <option
          key={one.name}
          value={prefix + one.name}
          disabled={one.status !== 'ok'}
          title={one.reason || one.name}
        >
          {one.display_name === one.name
            ? one.name
            : `${one.display_name} (${one.name})`}
        </option>
      ))}
    </optgroup>
  );
}
