import { LosslessNumber, parse } from 'lossless-json';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import { ExactDecimal } from '../domain/exact-decimal.js';
import { type Good, RewardRule } from '../domain/reward-programme.js';

/** A body is not as it should be. The message names the field and what is wrong with it. */
export class BadForm extends Error {}

/** `{"match":"Bork","reward":10,"reward_type":"%"}`; other fields are ignored. @throws BadForm */
export function readReward(body: string): RewardRule {
  const form = readObject(body);
  const match = readText(form.match, 'match');
  const reward = readNumber(form.reward, 'reward');
  if (reward.isZero) throw new BadForm('reward must be above zero');
  const type = form.reward_type;
  if (type !== '%' && type !== 'pt') throw new BadForm('reward_type must be "%" or "pt"');
  return new RewardRule(match, reward, type);
}

/**
 * `{"order":"12345678903","goods":[{"description":"Чайник Bork","price":7000}]}`.
 * Other fields are ignored; an order without goods earns nothing. @throws BadForm
 */
export function readOrder(body: string): { number: OrderNumber; goods: Good[] } {
  const form = readObject(body);
  const number = named('order', () => OrderNumber.parse(readText(form.order, 'order')));
  if (!Array.isArray(form.goods)) throw new BadForm('goods must be a list');
  const goods = form.goods.map((good: unknown, i) => {
    if (!isObject(good)) throw new BadForm(`goods[${i}] must be an object`);
    return {
      description: readText(good.description, `goods[${i}].description`),
      price: readNumber(good.price, `goods[${i}].price`),
    };
  });
  return { number, goods };
}

/** Numbers stay text until the domain reads them, so no price becomes a binary fraction. */
function readObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(body);
  } catch (error) {
    // Ten thousand brackets end in a RangeError, the parser's full stack: bad input, too.
    throw new BadForm(`the body is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new BadForm('the body must be a JSON object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof LosslessNumber)
  );
}

function readText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new BadForm(`${name} must be a string that is not blank`);
  return value;
}

function readNumber(value: unknown, name: string): ExactDecimal {
  if (!(value instanceof LosslessNumber)) throw new BadForm(`${name} must be a number`);
  return named(name, () => ExactDecimal.parse(value.value));
}

/** Puts the field's name before the rule it broke. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DomainError) throw new BadForm(`${name}: ${error.message}`);
    throw error;
  }
}
