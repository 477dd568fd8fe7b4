// Generated from the OpenAPI document by `npm run client`: do not edit.

import { client } from './client.gen.js';
import type { Client, Options as Options2, TDataShape } from './client/index.js';
import type { ChangePasswordData, ChangePasswordErrors, ChangePasswordResponses, GetBalanceData, GetBalanceErrors, GetBalanceResponses, GetOrderData, GetOrderErrors, GetOrderResponses, ListLedgerEntriesData, ListLedgerEntriesErrors, ListLedgerEntriesResponses, ListOrdersData, ListOrdersErrors, ListOrdersResponses, ListWithdrawalsData, ListWithdrawalsErrors, ListWithdrawalsResponses, LogInData, LogInErrors, LogInResponses, LogOutData, LogOutErrors, LogOutResponses, RegisterData, RegisterErrors, RegisterResponses, StreamEventsData, StreamEventsErrors, StreamEventsResponse, StreamEventsResponses, UploadOrderData, UploadOrderErrors, UploadOrderResponses, WithdrawPointsData, WithdrawPointsErrors, WithdrawPointsResponses } from './types.gen.js';

export type Options<TData extends TDataShape = TDataShape, ThrowOnError extends boolean = boolean, TResponse = unknown> = Options2<TData, ThrowOnError, TResponse> & {
    /**
     * You can provide a client instance returned by `createClient()` instead of
     * individual options. This might be also useful if you want to implement a
     * custom client.
     */
    client?: Client;
    /**
     * You can pass arbitrary values through the `meta` object. This can be
     * used to access values that aren't defined as part of the SDK function.
     */
    meta?: Record<string, unknown>;
};

/**
 * Open an account and sign in at once
 */
export const register = <ThrowOnError extends boolean = false>(options: Options<RegisterData, ThrowOnError>) => (options.client ?? client).post<RegisterResponses, RegisterErrors, ThrowOnError>({
    url: '/api/user/register',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Sign in
 */
export const logIn = <ThrowOnError extends boolean = false>(options: Options<LogInData, ThrowOnError>) => (options.client ?? client).post<LogInResponses, LogInErrors, ThrowOnError>({
    url: '/api/user/login',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * End the session of this token
 */
export const logOut = <ThrowOnError extends boolean = false>(options?: Options<LogOutData, ThrowOnError>) => (options?.client ?? client).post<LogOutResponses, LogOutErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/logout',
    ...options
});

/**
 * Change the password, and end all other sessions
 */
export const changePassword = <ThrowOnError extends boolean = false>(options: Options<ChangePasswordData, ThrowOnError>) => (options.client ?? client).post<ChangePasswordResponses, ChangePasswordErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/password',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * The user’s orders, newest first
 */
export const listOrders = <ThrowOnError extends boolean = false>(options?: Options<ListOrdersData, ThrowOnError>) => (options?.client ?? client).get<ListOrdersResponses, ListOrdersErrors, ThrowOnError>({
    querySerializer: { parameters: { status: { array: { explode: false } } } },
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/orders',
    ...options
});

/**
 * Upload the number of a paid order
 *
 * Points arrive once the accrual system has calculated them.
 */
export const uploadOrder = <ThrowOnError extends boolean = false>(options: Options<UploadOrderData, ThrowOnError>) => (options.client ?? client).post<UploadOrderResponses, UploadOrderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/orders',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * One of the user’s orders, with its history
 */
export const getOrder = <ThrowOnError extends boolean = false>(options: Options<GetOrderData, ThrowOnError>) => (options.client ?? client).get<GetOrderResponses, GetOrderErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/orders/{number}',
    ...options
});

/**
 * Points to spend and points spent
 */
export const getBalance = <ThrowOnError extends boolean = false>(options?: Options<GetBalanceData, ThrowOnError>) => (options?.client ?? client).get<GetBalanceResponses, GetBalanceErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/balance',
    ...options
});

/**
 * All that has changed the user’s points, newest first
 */
export const listLedgerEntries = <ThrowOnError extends boolean = false>(options?: Options<ListLedgerEntriesData, ThrowOnError>) => (options?.client ?? client).get<ListLedgerEntriesResponses, ListLedgerEntriesErrors, ThrowOnError>({
    querySerializer: { parameters: { kind: { array: { explode: false } } } },
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/balance/history',
    ...options
});

/**
 * Spend points on a new order
 *
 * The order number is the idempotency key: the same number and sum again gives 200 and charges once.
 */
export const withdrawPoints = <ThrowOnError extends boolean = false>(options: Options<WithdrawPointsData, ThrowOnError>) => (options.client ?? client).post<WithdrawPointsResponses, WithdrawPointsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/balance/withdraw',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * The user’s withdrawals, newest first
 */
export const listWithdrawals = <ThrowOnError extends boolean = false>(options?: Options<ListWithdrawalsData, ThrowOnError>) => (options?.client ?? client).get<ListWithdrawalsResponses, ListWithdrawalsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/withdrawals',
    ...options
});

/**
 * What happens to the user’s orders and points, as it happens
 *
 * What happens to the user from now on, as a stream of server-sent events; browsers read it with `EventSource`. Behind each id the stream goes on where it ended, at any replica: send the last one as `Last-Event-ID`, as `EventSource` does by itself, or as `?after=`. The first id comes without an event. Nothing is missing then, and nothing comes twice. Read lists and balance after the stream has begun, and nothing lies between.
 *
 * - `order_updated`: the status of an order has changed; its line of the list.
 * - `balance_changed`: the balance, and the entry that has changed it. `amount` is signed.
 * - `gap`: the id of the header is not one of this user's, or the service does not know it any more, or it cannot tell what has happened last. The stream goes on with what happens now: read lists and balance again.
 *
 * ```
 * retry: 2000
 *
 * id: q3Vt0mC1nBfK2u9xJc8w5A
 *
 * id: Zk0hYb7s2QeXw1LrTn4mGg
 * event: order_updated
 * data: {"number":"12345678903","status":"PROCESSED","accrual":500,"uploaded_at":"…"}
 * ```
 *
 * The schema is that of the data of one event. A comment comes every 15 s. The stream ends when the session does, and when the process stops. One whose client does not read is cut off. Fields, types and kinds may be added.
 */
export const streamEvents = <ThrowOnError extends boolean = false>(options?: Options<StreamEventsData, ThrowOnError, StreamEventsResponse>) => (options?.client ?? client).sse.get<StreamEventsResponses, StreamEventsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, {
            in: 'cookie',
            name: 'token',
            type: 'apiKey'
        }],
    url: '/api/user/events',
    ...options
});
