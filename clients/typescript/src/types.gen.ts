// Generated from the OpenAPI document by `npm run client`: do not edit.

export type ClientOptions = {
    baseUrl: `${string}://${string}` | (string & {});
};

export type ApiError = {
    /**
     * the status
     */
    code: number;
    /**
     * for people, in the language that they accept
     */
    message: string;
    /**
     * for programs: the name of the error
     */
    error: string;
    /**
     * for developers: what is wrong, in English; a 5xx has none
     */
    detail?: string;
};

export type Balance = {
    /**
     * points to spend
     */
    current: number;
    /**
     * points spent so far
     */
    withdrawn: number;
};

export type BalanceChange = {
    /**
     * points to spend
     */
    current: number;
    /**
     * points spent so far
     */
    withdrawn: number;
    entry: LedgerEntry;
};

export type Credentials = {
    /**
     * Case-sensitive, otherwise kept as sent, compared in Unicode NFC
     */
    login: string;
    /**
     * Neither trimmed nor cut, compared in Unicode NFC
     */
    password: string;
};

export type EventData = Order | BalanceChange | {
    [key: string]: never;
};

export type LedgerEntry = {
    id: string;
    /**
     * ACCRUAL: points for an order · WITHDRAWAL: points spent on an order · ADJUSTMENT: a correction by the shop · REVERSAL: points of a withdrawal that came back
     */
    kind: 'ACCRUAL' | 'WITHDRAWAL' | 'ADJUSTMENT' | 'REVERSAL';
    order?: string;
    /**
     * what it has changed the balance by
     */
    amount: number;
    balance_after: number;
    at: string;
    /**
     * why the shop has made it
     */
    reason?: string;
};

export type Order = {
    /**
     * 1 to 1 000 digits, valid by Luhn
     */
    number: string;
    /**
     * NEW: not yet taken up · PROCESSING: being calculated · INVALID: no points · PROCESSED: points credited
     */
    status: 'NEW' | 'PROCESSING' | 'INVALID' | 'PROCESSED';
    /**
     * points; absent where nothing was awarded
     */
    accrual?: number;
    uploaded_at: string;
};

export type OrderDetail = {
    /**
     * 1 to 1 000 digits, valid by Luhn
     */
    number: string;
    /**
     * NEW: not yet taken up · PROCESSING: being calculated · INVALID: no points · PROCESSED: points credited
     */
    status: 'NEW' | 'PROCESSING' | 'INVALID' | 'PROCESSED';
    /**
     * points; absent where nothing was awarded
     */
    accrual?: number;
    uploaded_at: string;
    /**
     * its statuses, oldest first; of orders of earlier versions, those whose time is known
     */
    history: Array<{
        /**
         * NEW: not yet taken up · PROCESSING: being calculated · INVALID: no points · PROCESSED: points credited
         */
        status: 'NEW' | 'PROCESSING' | 'INVALID' | 'PROCESSED';
        at: string;
    }>;
};

export type PasswordChange = {
    current: string;
    /**
     * As at registration: neither trimmed nor cut, compared in Unicode NFC, and at least as long as `PASSWORD_MIN_LENGTH` says, in code points of its NFC form
     */
    new: string;
};

export type Withdrawal = {
    order: string;
    sum: number;
    processed_at: string;
    /**
     * when the points were given back; absent where they were not
     */
    reversed_at?: string;
};

export type WithdrawalRequest = {
    /**
     * the new order: 1 to 1 000 digits, valid by Luhn
     */
    order: string;
    /**
     * points to spend: above zero, at most two decimals
     */
    sum: number;
};

/**
 * the language of errors: `en` is English, all else Russian
 */
export type AcceptLanguage = string;

/**
 * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
 */
export type Traceparent = string;

export type RegisterData = {
    body: Credentials;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/api/user/register';
};

export type RegisterErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * login is already taken
     */
    409: ApiError & {
        code?: 409;
        error?: 'ErrUserBusy';
    };
    /**
     * request body is too large
     */
    413: ApiError & {
        code?: 413;
        error?: 'ErrBodyTooLarge';
    };
    /**
     * too many requests per second, or service is busy, try again later
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest' | 'ErrBusy';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type RegisterError = RegisterErrors[keyof RegisterErrors];

export type RegisterResponses = {
    /**
     * Signed in; the body is empty
     */
    200: unknown;
};

export type LogInData = {
    body: Credentials;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/api/user/login';
};

export type LogInErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * wrong login or password
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUserOrPasswordBad';
    };
    /**
     * request body is too large
     */
    413: ApiError & {
        code?: 413;
        error?: 'ErrBodyTooLarge';
    };
    /**
     * too many requests per second, or too many login attempts, or service is busy, try again later
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest' | 'ErrLoginAttempts' | 'ErrBusy';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type LogInError = LogInErrors[keyof LogInErrors];

export type LogInResponses = {
    /**
     * Signed in; the body is empty
     */
    200: unknown;
};

export type LogOutData = {
    body?: never;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/api/user/logout';
};

export type LogOutErrors = {
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type LogOutError = LogOutErrors[keyof LogOutErrors];

export type LogOutResponses = {
    /**
     * Every replica refuses the token within 2 s; the cookie is cleared
     */
    204: void;
};

export type LogOutResponse = LogOutResponses[keyof LogOutResponses];

export type ChangePasswordData = {
    body: PasswordChange;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/api/user/password';
};

export type ChangePasswordErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated, or wrong login or password
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated' | 'ErrUserOrPasswordBad';
    };
    /**
     * request body is too large
     */
    413: ApiError & {
        code?: 413;
        error?: 'ErrBodyTooLarge';
    };
    /**
     * too many requests per second, or too many login attempts, or service is busy, try again later
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest' | 'ErrLoginAttempts' | 'ErrBusy';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type ChangePasswordError = ChangePasswordErrors[keyof ChangePasswordErrors];

export type ChangePasswordResponses = {
    /**
     * Signed in; the body is empty
     */
    200: unknown;
};

export type ListOrdersData = {
    body?: never;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: {
        /**
         * the most lines of a page; without it all lines come at once
         */
        limit?: number;
        /**
         * where the page begins, as `Link` gave it; good for the same filters only
         */
        cursor?: string;
        /**
         * lines of this moment, which is not in the future, and later ones, such as `2026-11-21T00:00:00Z` (RFC 3339, a `+` is written %2B)
         */
        from?: string;
        /**
         * lines before this moment; one in the future leaves out none
         */
        to?: string;
        /**
         * lines of these alone, one or several separated by commas
         */
        status?: Array<'NEW' | 'PROCESSING' | 'INVALID' | 'PROCESSED'>;
    };
    url: '/api/user/orders';
};

export type ListOrdersErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type ListOrdersError = ListOrdersErrors[keyof ListOrdersErrors];

export type ListOrdersResponses = {
    /**
     * the orders
     */
    200: Array<Order>;
    /**
     * there are none, or no more
     */
    204: void;
};

export type ListOrdersResponse = ListOrdersResponses[keyof ListOrdersResponses];

export type UploadOrderData = {
    body: {
        /**
         * 1 to 1 000 digits, valid by Luhn
         */
        number: string;
    };
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/api/user/orders';
};

export type UploadOrderErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * order number has already been uploaded by another user
     */
    409: ApiError & {
        code?: 409;
        error?: 'ErrOrderAlreadyLoaded';
    };
    /**
     * request body is too large
     */
    413: ApiError & {
        code?: 413;
        error?: 'ErrBodyTooLarge';
    };
    /**
     * malformed order number
     */
    422: ApiError & {
        code?: 422;
        error?: 'ErrWrongOrderFormat';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type UploadOrderError = UploadOrderErrors[keyof UploadOrderErrors];

export type UploadOrderResponses = {
    /**
     * this user had uploaded the number already
     */
    200: unknown;
    /**
     * a new number: accepted for calculation
     */
    202: unknown;
};

export type GetOrderData = {
    body?: never;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path: {
        /**
         * 1 to 1 000 digits, valid by Luhn
         */
        number: string;
    };
    query?: never;
    url: '/api/user/orders/{number}';
};

export type GetOrderErrors = {
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * resource not found
     */
    404: ApiError & {
        code?: 404;
        error?: 'ErrNotFound';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type GetOrderError = GetOrderErrors[keyof GetOrderErrors];

export type GetOrderResponses = {
    /**
     * the order
     */
    200: OrderDetail;
};

export type GetOrderResponse = GetOrderResponses[keyof GetOrderResponses];

export type GetBalanceData = {
    body?: never;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: {
        /**
         * as of this moment, which is not in the future, such as `2026-11-21T12:31:02.456Z` (RFC 3339, a `+` is written %2B)
         */
        at?: string;
    };
    url: '/api/user/balance';
};

export type GetBalanceErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type GetBalanceError = GetBalanceErrors[keyof GetBalanceErrors];

export type GetBalanceResponses = {
    /**
     * the balance
     */
    200: Balance;
};

export type GetBalanceResponse = GetBalanceResponses[keyof GetBalanceResponses];

export type ListLedgerEntriesData = {
    body?: never;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: {
        /**
         * the most lines of a page; without it all lines come at once
         */
        limit?: number;
        /**
         * where the page begins, as `Link` gave it; good for the same filters only
         */
        cursor?: string;
        /**
         * lines of this moment, which is not in the future, and later ones, such as `2026-11-21T00:00:00Z` (RFC 3339, a `+` is written %2B)
         */
        from?: string;
        /**
         * lines before this moment; one in the future leaves out none
         */
        to?: string;
        /**
         * lines of these alone, one or several separated by commas
         */
        kind?: Array<'ACCRUAL' | 'WITHDRAWAL' | 'ADJUSTMENT' | 'REVERSAL'>;
    };
    url: '/api/user/balance/history';
};

export type ListLedgerEntriesErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type ListLedgerEntriesError = ListLedgerEntriesErrors[keyof ListLedgerEntriesErrors];

export type ListLedgerEntriesResponses = {
    /**
     * the entries, as JSON or, by `Accept`, as CSV
     */
    200: Array<LedgerEntry>;
    /**
     * there are none, or no more
     */
    204: void;
};

export type ListLedgerEntriesResponse = ListLedgerEntriesResponses[keyof ListLedgerEntriesResponses];

export type WithdrawPointsData = {
    body: WithdrawalRequest;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/api/user/balance/withdraw';
};

export type WithdrawPointsErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * not enough loyalty points to pay for the order
     */
    402: ApiError & {
        code?: 402;
        error?: 'ErrLowBalance';
    };
    /**
     * order number has already been paid with another sum or by another user, or the payment of this order was reversed
     */
    409: ApiError & {
        code?: 409;
        error?: 'ErrOrderAlreadyPaid' | 'ErrOrderReversed';
    };
    /**
     * request body is too large
     */
    413: ApiError & {
        code?: 413;
        error?: 'ErrBodyTooLarge';
    };
    /**
     * malformed order number, or impossible sum
     */
    422: ApiError & {
        code?: 422;
        error?: 'ErrWrongOrderFormat' | 'ErrImpossibleSum';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type WithdrawPointsError = WithdrawPointsErrors[keyof WithdrawPointsErrors];

export type WithdrawPointsResponses = {
    /**
     * the points are spent on this order, now or by the same request before
     */
    200: unknown;
};

export type ListWithdrawalsData = {
    body?: never;
    headers?: {
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: {
        /**
         * the most lines of a page; without it all lines come at once
         */
        limit?: number;
        /**
         * where the page begins, as `Link` gave it; good for the same filters only
         */
        cursor?: string;
        /**
         * lines of this moment, which is not in the future, and later ones, such as `2026-11-21T00:00:00Z` (RFC 3339, a `+` is written %2B)
         */
        from?: string;
        /**
         * lines before this moment; one in the future leaves out none
         */
        to?: string;
    };
    url: '/api/user/withdrawals';
};

export type ListWithdrawalsErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type ListWithdrawalsError = ListWithdrawalsErrors[keyof ListWithdrawalsErrors];

export type ListWithdrawalsResponses = {
    /**
     * the withdrawals
     */
    200: Array<Withdrawal>;
    /**
     * there are none, or no more
     */
    204: void;
};

export type ListWithdrawalsResponse = ListWithdrawalsResponses[keyof ListWithdrawalsResponses];

export type StreamEventsData = {
    body?: never;
    headers?: {
        /**
         * the last id that was seen
         */
        'Last-Event-ID'?: string;
        /**
         * the language of errors: `en` is English, all else Russian
         */
        'Accept-Language'?: string;
        /**
         * W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and goes on to the accrual system; ignored where it is malformed
         */
        traceparent?: string;
    };
    path?: never;
    query?: {
        /**
         * the same, for clients that cannot set the header, which wins
         */
        after?: string;
    };
    url: '/api/user/events';
};

export type StreamEventsErrors = {
    /**
     * malformed request
     */
    400: ApiError & {
        code?: 400;
        error?: 'ErrBadRequest';
    };
    /**
     * user is not authenticated
     */
    401: ApiError & {
        code?: 401;
        error?: 'ErrUnauthenticated';
    };
    /**
     * too many open streams of events, or too many requests per second
     */
    429: ApiError & {
        code?: 429;
        error?: 'ErrTooManyStreams' | 'ErrCountRequest';
    };
    /**
     * internal server error
     */
    500: ApiError & {
        code?: 500;
        error?: 'ErrInternal';
    };
    /**
     * service is temporarily unavailable
     */
    503: ApiError & {
        code?: 503;
        error?: 'ErrUnavailable';
    };
};

export type StreamEventsError = StreamEventsErrors[keyof StreamEventsErrors];

export type StreamEventsResponses = {
    /**
     * the stream, without an end of its own
     */
    200: EventData;
};

export type StreamEventsResponse = StreamEventsResponses[keyof StreamEventsResponses];
