/**
 * Shows the API document by Swagger UI, and keeps what is filled in fit to be sent: each reader is
 * somebody new, and what a reply brings goes into the calls that come after it.
 */

const { SwaggerUIBundle } = globalThis;

/** The document's examples for what can be had once: a login, and two order numbers. */
const LOGIN = 'gopher';
const ORDER_PAID = '12345678903';
const ORDER_TO_PAY = '2377225624';

const BEARER = 'bearer';

/** How long a stream of events is read, in ms: Swagger UI waits for the end of a reply. */
const STREAM_MS = 5_000;

const api = await (await fetch(new URL('../docs-json', import.meta.url))).json();
/** Where each call is: `[path, method]` by operationId. */
const PLACES = Object.fromEntries(
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [operationId, [path, method]]),
  ),
);

followColours();
const ui = SwaggerUIBundle({
  spec: forReader(api),
  dom_id: '#explorer',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // A token that the page kept would outlive its tab.
  persistAuthorization: false,
  tryItOutEnabled: true,
  // That would be a service elsewhere.
  validatorUrl: null,
  plugins: [AnyFormOfToken, FollowReplies, ShortErrors],
  requestInterceptor: (request) =>
    request.headers.accept === 'text/event-stream'
      ? Object.assign(request, { userFetch: firstEvents })
      : request,
});
addEventListener('hashchange', () => ui.layoutActions.parseDeepLinkHash(location.hash));

/** Swagger UI looks dark by a class, and leaves it to the page to set it. */
function followColours() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', follow);
  follow();
}

/**
 * The document with examples for this reader alone, and without the cookie: the browser sends it by
 * itself, and no page can set it.
 */
function forReader({ components, paths, ...rest }) {
  const drawn = new Map([
    [LOGIN, newLogin()],
    [ORDER_PAID, newNumber()],
    [ORDER_TO_PAY, newNumber()],
  ]);
  const isCookie = (name) => components.securitySchemes[name].in === 'cookie';
  return JSON.parse(JSON.stringify({ ...rest, components, paths }), (key, value) => {
    if (key === 'example') return drawn.get(value) ?? value;
    // It stands for the page's own origin, and would be a list to choose from.
    if (key === 'servers' && value[0]?.url === '/') return undefined;
    // Every reply has it.
    if (key === 'X-Request-Id') return undefined;
    if (key === 'security') return value.filter((each) => !Object.keys(each).some(isCookie));
    if (key === 'securitySchemes')
      return Object.fromEntries(Object.entries(value).filter(([name]) => !isCookie(name)));
    return value;
  });
}

function newLogin() {
  return `gopher-${randomDigits(9)}`;
}

/** An order number that is valid by Luhn. */
function newNumber() {
  const digits = randomDigits(14);
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const doubled = i % 2 === 0 ? 2 * digit : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function randomDigits(count) {
  // A 0 in front would look like a mistake.
  return [...crypto.getRandomValues(new Uint8Array(count))]
    .map((byte, i) => (i === 0 ? 1 + (byte % 9) : byte % 10))
    .join('');
}

/** Whoever pastes the whole header means its token: Swagger UI puts `Bearer` before it. */
function AnyFormOfToken() {
  const tokenOf = (value) =>
    typeof value === 'string' ? value.trim().replace(/^(Authorization: *)?Bearer +/i, '') : value;
  const authorize = (original) => (given) =>
    original(
      Object.fromEntries(
        Object.entries(given).map(([name, each]) => [
          name,
          { ...each, value: tokenOf(each.value) },
        ]),
      ),
    );
  return { statePlugins: { auth: { wrapActions: { authorize } } } };
}

/** Fills in what the next calls need when a call has succeeded. */
function FollowReplies() {
  const sent = new Map();
  const setMutatedRequest = (original) => (path, method, request) => {
    sent.set(`${method} ${path}`, request.body);
    return original(path, method, request);
  };
  const setResponse = (original) => (path, method, reply) => {
    const { operationId } = api.paths[path][method];
    const body = sent.get(`${method} ${path}`);
    const result = original(path, method, reply);
    if (reply.status >= 200 && reply.status < 300) AFTER[operationId]?.(reply, body);
    return result;
  };
  // What was filled in stays, in the form of the type before.
  const setRequestContentType = (original, system) => (change) => {
    const result = original(change);
    const { value } = bodyOf('uploadOrder', system);
    const [number] = /\d+/.exec(value ?? '') ?? [];
    if (number && change.pathMethod.join() === PLACES.uploadOrder.join()) fillNumber(number);
    return result;
  };
  return {
    statePlugins: {
      spec: { wrapActions: { setMutatedRequest, setResponse } },
      oas3: { wrapActions: { setRequestContentType } },
    },
  };
}

/** Who signed in last. */
let login;

const AFTER = {
  register({ headers }, body) {
    const { login: registered, password } = JSON.parse(body);
    login = registered;
    signIn(headers);
    fill('register', { login: newLogin(), password });
    fill('logIn', { login, password });
    fill('changePassword', { current: password, new: `${password}, and more` });
    // Numbers that were uploaded or paid before are another user's now.
    fillNumber(newNumber());
    fill('withdrawPoints', { order: newNumber(), sum: 10.5 });
  },
  logIn({ headers }, body) {
    ({ login } = JSON.parse(body));
    signIn(headers);
  },
  changePassword({ headers }, body) {
    const { current, new: password } = JSON.parse(body);
    signIn(headers);
    fill('changePassword', { current: password, new: current });
    if (login !== undefined) fill('logIn', { login, password });
  },
  logOut() {
    ui.authActions.logout([BEARER]);
  },
  issueOrderNumber({ text }) {
    fillNumber(text);
  },
};

/** So that the commands for curl have it too, and where the documents have another origin. */
function signIn({ authorization }) {
  if (authorization === undefined) return;
  const schema = api.components.securitySchemes[BEARER];
  ui.authActions.authorize({ [BEARER]: { name: BEARER, schema, value: authorization } });
}

function fillNumber(number) {
  const isJson = bodyOf('uploadOrder', ui).type === 'application/json';
  fill('uploadOrder', isJson ? { number } : number);
  ui.specActions.changeParam(PLACES.getOrder, 'number', 'path', number);
}

/** What is filled in now; nothing while that is the example. */
function bodyOf(operationId, { oas3Selectors }) {
  const place = PLACES[operationId];
  return {
    type: oas3Selectors.requestContentType(...place),
    value: oas3Selectors.requestBodyValue(...place),
  };
}

/** @param content of the body: a text, or an object for JSON. */
function fill(operationId, content) {
  const pathMethod = PLACES[operationId];
  const [path, method] = pathMethod;
  // A call that is opened without a type takes its first one, and the example of it.
  if (!bodyOf(operationId, ui).type) {
    const [value] = Object.keys(api.paths[path][method].requestBody.content);
    ui.oas3Actions.setRequestContentType({ value, pathMethod });
  }
  const value = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  ui.oas3Actions.setRequestBodyValue({ value, pathMethod });
}

/** An error as a line of each case. All have one schema, and differ by their names. */
function ShortErrors({ React: { createElement } }) {
  const response = (Original) => (props) => {
    const cases = props.response.getIn(['content', 'application/json', 'examples']);
    if (Number(props.code) < 400 || !cases) return createElement(Original, props);
    const lines = cases
      .entrySeq()
      .toArray()
      .map(([name, each]) =>
        createElement(
          'p',
          { key: name },
          createElement('code', null, name),
          ` ${each.get('summary')}`,
        ),
      );
    return createElement(
      'tr',
      { className: 'response error-cases', 'data-code': props.code },
      createElement('td', { className: 'response-col_status' }, props.code),
      createElement('td', { className: 'response-col_description', colSpan: 2 }, ...lines),
    );
  };
  return { wrapComponents: { response } };
}

/** Fetches what a stream has brought by then, as a reply that ends. */
async function firstEvents(url, options) {
  const reply = await fetch(url, options);
  if (!reply.ok) return reply;
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  setTimeout(() => void reader.cancel(), STREAM_MS);
  let text = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    text += piece.value;
  return new Response(text, reply);
}
