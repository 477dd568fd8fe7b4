import { UsageProblems } from '../../platform/cli/operator-command.js';
import { type Arguments, readArguments } from '../../platform/cli/read-arguments.js';
import { TASK_STATUSES, type TaskStatus } from '../application/ports.js';

/** What an operator wants of the queue. */
export type QueueWish =
  | {
      readonly verb: 'list';
      readonly status: TaskStatus | 'all';
      readonly limit: number;
      readonly json: boolean;
    }
  | { readonly verb: 'stats'; readonly json: boolean }
  | { readonly verb: 'retry'; readonly numbers: readonly string[] }
  | { readonly verb: 'retry all'; readonly reason?: string | undefined }
  | { readonly verb: 'pause' }
  | { readonly verb: 'resume' };

const OPTIONS = {
  status: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  reason: { type: 'string' },
} as const;

type Option = keyof typeof OPTIONS;

/** The options that each verb takes. */
const VERBS = {
  list: ['status', 'limit', 'json'],
  stats: ['json'],
  retry: ['all', 'reason'],
  pause: [],
  resume: [],
} as const satisfies Record<string, readonly Option[]>;

type Verb = keyof typeof VERBS;

/** How many tasks are listed. */
export const LIMIT = { default: 50, max: 100_000 };

/** @throws UsageProblems with everything that is wrong at once. */
export function readQueueWish(argv: readonly string[]): QueueWish {
  const given = readArguments(argv, OPTIONS);
  const { options, problems } = given;
  const [verb, ...numbers] = given.positionals;
  if (!isVerb(verb)) {
    const known = Object.keys(VERBS).join(', ');
    problems.push(
      verb === undefined ? `a command is missing: ${known}` : `"${verb}" is no command: ${known}`,
    );
    throw new UsageProblems(problems);
  }
  for (const option of options.keys())
    if (!takes(verb, option)) problems.push(`--${option} does not go with ${verb}`);
  if (verb !== 'retry')
    problems.push(...numbers.map((each) => `"${each}" does not go with ${verb}`));
  const wish = wishOf(verb, { ...given, positionals: numbers });
  if (problems.length > 0) throw new UsageProblems(problems);
  return wish;
}

function wishOf(verb: Verb, given: Arguments<Option>): QueueWish {
  const json = given.options.has('json');
  switch (verb) {
    case 'list':
      return { verb, status: statusOf(given), limit: limitOf(given), json };
    case 'stats':
      return { verb, json };
    case 'retry':
      return retryOf(given);
    default:
      return { verb };
  }
}

function retryOf({ options, positionals: numbers, problems }: Arguments<Option>): QueueWish {
  const all = options.has('all');
  const reason = options.get('reason');
  if (all === numbers.length > 0) problems.push('retry takes either order numbers or --all');
  if (reason !== undefined && !all) problems.push('--reason goes with --all');
  // An empty text is contained in every reason: a script whose variable is not set must not put
  // everything back.
  if (reason === '') problems.push('--reason needs a text');
  return all ? { verb: 'retry all', reason } : { verb: 'retry', numbers: [...new Set(numbers)] };
}

function statusOf({ options, problems }: Arguments<Option>): TaskStatus | 'all' {
  const text = options.get('status') ?? 'FAILED';
  const status = [...TASK_STATUSES, 'all' as const].find(
    (each) => each.toLowerCase() === text.toLowerCase(),
  );
  if (!status)
    problems.push(`--status must be one of ${TASK_STATUSES.join(', ')}, all, not "${text}"`);
  return status ?? 'all';
}

function limitOf({ options, problems }: Arguments<Option>): number {
  const text = options.get('limit') ?? String(LIMIT.default);
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LIMIT.max)
    problems.push(`--limit must be a whole number from 1 to ${LIMIT.max}, not "${text}"`);
  return limit;
}

function isVerb(text: string | undefined): text is Verb {
  return text !== undefined && Object.hasOwn(VERBS, text);
}

function takes(verb: Verb, option: Option): boolean {
  return (VERBS[verb] as readonly Option[]).includes(option);
}
