import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'data', 'coverage', 'clients/typescript/src'] },
  eslint.configs.recommended,
  {
    // Prettier wraps code and prose; it leaves comments, SQL and texts alone. It also keeps the
    // import of a single name on one line.
    rules: {
      'max-len': [
        'error',
        {
          code: 100,
          comments: 100,
          ignoreUrls: true,
          ignoreRegExpLiterals: true,
          ignorePattern: "^import \\{ \\w+ \\} from '",
        },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Nest modules are classes without members.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allow: ['bigint', 'Error'] },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Settings are abstract classes because those are type and injection token in one; plain
      // objects serve them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/restrict-plus-operands': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:async_hooks', 'async_hooks'].map((name) => ({
            name,
            message:
              'It costs every request 12 to 15 % of its CPU on Node 20: ' +
              'hand on what is needed (docs/adr/0019).',
          })),
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/platform/system.ts', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message:
            'That clock may be set: durations go by Clock.monotonicMs() or performance.now(), ' +
            'the time of day by Clock.now().',
        },
      ],
    },
  },
  {
    files: ['src/*/application/**/*.ts'],
    ignores: ['src/kernel/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Promise'][callee.property.name='all']",
          message: 'It hides in which order statements run: say inOrder(…) (docs/adr/0026).',
        },
      ],
    },
  },
  {
    // What runs in a browser.
    files: ['src/service/http/pages/assets/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'addEventListener',
          'crypto',
          'document',
          'fetch',
          'location',
          'matchMedia',
          'Response',
          'TextDecoderStream',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
);
