/**
 * The packages and the size of environments, read when somebody looks at them.
 */
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type EnvironmentSize,
  type Package,
  type Problem,
  problemOf
} from '../api';

/**
 * Something that is read on demand.
 */
export interface IReading<T> {
  readonly value: T | null;
  readonly isLoading: boolean;
  readonly problem: Problem | null;
}

const NOTHING: IReading<never> = {
  value: null,
  isLoading: false,
  problem: null
};

/**
 * What is known of the inside of each environment.
 */
export class PackagesModel {
  constructor(private readonly _client: Client) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Grows with each change. */
  get version(): number {
    return this._version;
  }

  packages(environment: string): IReading<readonly Package[]> {
    return this._packages.get(environment) ?? NOTHING;
  }

  size(environment: string): IReading<EnvironmentSize> {
    return this._sizes.get(environment) ?? NOTHING;
  }

  /**
   * Read the packages, unless they are known or being read.
   */
  async loadPackages(environment: string, again = false): Promise<void> {
    await this._load(this._packages, environment, again, async () => {
      const answer = await this._client.packages(environment);
      return answer.packages;
    });
  }

  /**
   * Measure an environment, unless its size is known or being measured.
   */
  async loadSize(environment: string, again = false): Promise<void> {
    await this._load(this._sizes, environment, again, () =>
      this._client.size(environment)
    );
  }

  /**
   * Forget what is known of one environment, or of all.
   *
   * What is shown stays until it was read anew.
   */
  forget(environment?: string): void {
    const ids =
      environment === undefined
        ? [...this._packages.keys(), ...this._sizes.keys()]
        : [environment];
    for (const id of ids) {
      this._packages.delete(id);
      this._sizes.delete(id);
    }
    this._emit();
  }

  private async _load<T>(
    readings: Map<string, IReading<T>>,
    id: string,
    again: boolean,
    read: () => Promise<T>
  ): Promise<void> {
    const old: IReading<T> = readings.get(id) ?? NOTHING;
    if (old.isLoading || (old.value !== null && !again)) {
      return;
    }
    const loading = { value: old.value, isLoading: true, problem: null };
    const put = (reading: IReading<T>) => {
      // Forgotten in the meantime: what was read may be out of date.
      if (readings.get(id) === loading) {
        readings.set(id, reading);
        this._emit();
      }
    };
    readings.set(id, loading);
    this._emit();
    try {
      put({ value: await read(), isLoading: false, problem: null });
    } catch (error) {
      put({ value: old.value, isLoading: false, problem: problemOf(error) });
    }
  }

  private _emit(): void {
    this._version += 1;
    this._changed.emit();
  }

  private _version = 0;
  private readonly _packages = new Map<string, IReading<readonly Package[]>>();
  private readonly _sizes = new Map<string, IReading<EnvironmentSize>>();
  private readonly _changed = new Signal<this, void>(this);
}

/**
 * The packages whose name or summary has every word of a query.
 */
export function searchPackages(
  packages: readonly Package[],
  query: string
): readonly Package[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return packages;
  }
  const fits = packages.filter(item => {
    const text = `${item.name} ${item.version} ${item.summary}`.toLowerCase();
    return words.every(word => text.includes(word));
  });
  const rank = (item: Package) => {
    const name = item.name.toLowerCase();
    return name === words[0]
      ? 0
      : name.startsWith(words[0])
        ? 1
        : name.includes(words[0])
          ? 2
          : 3;
  };
  return [...fits].sort((a, b) => rank(a) - rank(b));
}
