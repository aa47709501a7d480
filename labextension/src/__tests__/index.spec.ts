import plugins from '../index';

describe('the extension', () => {
  it('starts each of its plugins with JupyterLab', () => {
    expect(plugins.map(plugin => plugin.autoStart)).toEqual(
      plugins.map(() => true)
    );
  });

  it('gives each plugin an id of its own, and what it does', () => {
    const ids = plugins.map(plugin => plugin.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const plugin of plugins) {
      expect(plugin.id).toMatch(/^jupyter_envmgr:[a-z]+$/);
      expect(plugin.description).toMatch(/\.$/);
    }
  });

  it('provides what each plugin requires', () => {
    const provided = plugins.map(plugin => plugin.provides);
    const own = plugins
      .flatMap(plugin => plugin.requires ?? [])
      .filter(token => token.name.startsWith('jupyter_envmgr'));
    expect(own.filter(token => !provided.includes(token))).toEqual([]);
  });
});
