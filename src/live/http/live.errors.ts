import { type ApiError, type ErrorRows, STATUS } from '../../platform/http/api-error.js';

export const ErrTooManyStreams: ApiError = {
  name: 'ErrTooManyStreams',
  status: STATUS['too-many'],
  ru: 'слишком много открытых потоков событий',
  en: 'too many open streams of events',
  exampleDetail: 'a user has 20 streams of events at most: close one first',
};

export const LIVE_ERRORS: ErrorRows = {
  'too-many-streams': ErrTooManyStreams,
};
