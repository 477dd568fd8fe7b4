import { describe, expect, it } from '@jest/globals';
import { BadForm, readOrder, readReward } from './request-bodies.js';

const reward = (fields: string): string =>
  `{"match":"Bork","reward":10,"reward_type":"%"${fields}}`;
const order = (price: string): string =>
  `{"order":"12345678903","goods":[{"description":"Bork","price":${price}}]}`;

describe(readReward.name, () => {
  it('reads the original’s form and ignores other fields', () => {
    expect(readReward(reward(',"colour":"red"')).match).toBe('Bork');
  });

  it.each([
    ['', 'the body is not JSON'],
    ['{"match":', 'the body is not JSON'],
    ['['.repeat(60_000), 'the body is not JSON'],
    [reward(',"reward":11'), 'Duplicate key'],
    ['[]', 'the body must be a JSON object'],
    ['null', 'the body must be a JSON object'],
    ['5', 'the body must be a JSON object'],
    ['{"reward":10,"reward_type":"%"}', 'match must be a string'],
    ['{"match":"","reward":10,"reward_type":"%"}', 'match must be a string that is not blank'],
    ['{"match":" ","reward":10,"reward_type":"%"}', 'match must be a string that is not blank'],
    ['{"match":5,"reward":10,"reward_type":"%"}', 'match must be a string'],
    ['{"match":"Bork","reward":"10","reward_type":"%"}', 'reward must be a number'],
    [
      '{"match":"Bork","reward":{"isLosslessNumber":true,"value":"10"},"reward_type":"%"}',
      'reward must be a number',
    ],
    ['{"match":"Bork","reward":-10,"reward_type":"%"}', 'reward: negative'],
    ['{"match":"Bork","reward":0.0,"reward_type":"%"}', 'reward must be above zero'],
    ['{"match":"Bork","reward":1e309,"reward_type":"%"}', 'reward: 10^13 or more'],
    ['{"match":"Bork","reward":10,"reward_type":"USD"}', 'reward_type must be "%" or "pt"'],
    ['{"match":"Bork","reward":10}', 'reward_type must be "%" or "pt"'],
  ])('refuses %.60s: %s', (body, reason) => {
    expect(() => readReward(body)).toThrow(BadForm);
    expect(() => readReward(body)).toThrow(reason);
  });
});

describe(readOrder.name, () => {
  it('reads an order without goods, which a loyalty service registers', () => {
    expect(readOrder('{"order":"12345678903","goods":[]}').goods).toEqual([]);
  });

  it('reads number and goods, and the price exactly', () => {
    const { number, goods } = readOrder(order('999999999999.985'));
    expect(number.value).toBe('12345678903');
    expect(goods[0]?.description).toBe('Bork');
    expect(goods[0]?.price.rounded().toString()).toBe('999999999999.99');
  });

  it.each([
    ['{"goods":[{"description":"a","price":1}]}', 'order must be a string'],
    ['{"order":12345678903,"goods":[{"description":"a","price":1}]}', 'order must be a string'],
    [
      '{"order":"12345678901","goods":[{"description":"a","price":1}]}',
      'order: the check digit of the order number is wrong',
    ],
    [
      '{"order":"12a","goods":[{"description":"a","price":1}]}',
      'order: an order number has digits only',
    ],
    ['{"order":"12345678903"}', 'goods must be a list'],
    ['{"order":"12345678903","goods":{}}', 'goods must be a list'],
    [
      '{"order":"12345678903","goods":[{"description":"a","price":1},7]}',
      'goods[1] must be an object',
    ],
    ['{"order":"12345678903","goods":[{"price":1}]}', 'goods[0].description must be a string'],
    [order('"7000"'), 'goods[0].price must be a number'],
    [order('null'), 'goods[0].price must be a number'],
    [order('-1'), 'goods[0].price: negative'],
    [order('NaN'), 'the body is not JSON'],
  ])('refuses %s: %s', (body, reason) => {
    expect(() => readOrder(body)).toThrow(BadForm);
    expect(() => readOrder(body)).toThrow(reason);
  });
});
