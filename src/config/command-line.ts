import { CommandLine } from '../platform/cli/command-line.js';
import { SETTINGS, settingsOf } from './settings.js';

/** Of the flags, for the help. */
const VALUES: Readonly<Record<string, string>> = { a: 'host:port', d: 'uri', r: 'url' };

/** `npm start -- …`, and `node dist/src/main.js …`. Its help is written from the settings. */
export function serviceCommandLine(): CommandLine {
  const settings = Object.values(SETTINGS).flatMap(({ table }) => settingsOf(table));
  const explained = (meaning: string, standard: string): string =>
    standard === '' ? meaning : `${meaning} (default: ${standard})`;
  const command = new CommandLine('npm start --').description(
    'Gophermart, the loyalty system of a shop. It runs until it gets SIGTERM or SIGINT.',
  );
  for (const {
    options: { flag },
    variable,
    meaning,
    defaultText,
  } of settings)
    if (flag !== undefined)
      command.option(
        `-${flag}, --${flag} [${VALUES[flag] ?? 'value'}]`,
        explained(`${meaning}; also ${variable}`, defaultText),
      );
  const width = Math.max(...settings.map(({ variable }) => variable.length));
  const variables = settings.map(
    ({ variable, meaning, defaultText, options: { fromFile, olderName } }) => {
      const others = [
        fromFile ? `${variable}_FILE names a file that holds it` : [],
        olderName ? `once ${olderName}` : [],
      ].flat();
      const text = explained([meaning, ...others].join('; '), defaultText);
      return `  ${variable.padEnd(width)}  ${text}`;
    },
  );
  const heading =
    'Variables, of the environment or in .env. A flag beats a variable, that beats .env.';
  return command.addHelpText('after', ['', heading, ...variables].join('\n'));
}
