import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['lib', 'node_modules', 'src/api/schema.ts'] },
  js.configs.recommended,
  { plugins: { jupyter } },
  ...jupyter.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [
      ...tseslint.configs.recommendedTypeChecked,
      jsxA11y.flatConfigs.recommended,
      reactHooks.configs.flat['recommended-latest']
    ],
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        project: './tsconfig.test.json',
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      // Lumino's signals are given the method and what to bind it to.
      '@typescript-eslint/unbound-method': 'off',
      curly: 'error',
      // The panel is drawn at once; splitting 100 KB would only add round trips.
      'jupyter/prefer-lazy-imports': 'off',
      eqeqeq: 'error',
      'no-console': ['error', { allow: ['warn', 'error'] }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports' }
      ],
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }]
    }
  },
  {
    // Nobody reads the words of tests in another language.
    files: ['src/__tests__/**'],
    rules: {
      'jupyter/incorrect-translator-usage': 'off',
      'jupyter/no-untranslated-string': 'off'
    }
  },
  {
    files: ['*.js', '*.mjs', 'style/*.js'],
    languageOptions: { globals: globals.node }
  },
  { files: ['*.js'], languageOptions: { sourceType: 'commonjs' } },
  prettier
);
