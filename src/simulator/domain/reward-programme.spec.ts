import { describe, expect, it } from '@jest/globals';
import { ImpossibleSum } from '../../kernel/domain/money.js';
import { ExactDecimal } from './exact-decimal.js';
import { type Good, RewardProgramme, RewardRule, type RewardType } from './reward-programme.js';

function programme(...rules: [match: string, reward: string, type: RewardType][]): RewardProgramme {
  const made = new RewardProgramme();
  for (const [match, reward, type] of rules)
    made.add(new RewardRule(match, ExactDecimal.parse(reward), type));
  return made;
}

const goods = (...lines: [description: string, price: string][]): Good[] =>
  lines.map(([description, price]) => ({ description, price: ExactDecimal.parse(price) }));

describe(RewardProgramme.name, () => {
  it('awards 5 % of 14599.50 as 729.98', () => {
    const award = programme(['LG', '5', '%']).awardFor(goods(['Телевизор LG', '14599.50']));
    expect(award?.toString()).toBe('729.98');
  });

  it('adds up several goods and leaves those without a reward alone', () => {
    const award = programme(['Pringles', '10', '%'], ['Coca-Cola', '12.5', 'pt']).awardFor(
      goods(
        ['Чайник Tefal', '7000'],
        ['Чипсы Pringles бекон', '147.5'],
        ['Напиток Coca-Cola Zero 0.5л', '55'],
      ),
    );
    expect(award?.toString()).toBe('27.25');
  });

  it('adds up several rules for one good', () => {
    const award = programme(['Bork', '10', '%'], ['Чайник', '50', 'pt']).awardFor(
      goods(['Чайник Bork', '7000']),
    );
    expect(award?.toString()).toBe('750');
  });

  it('gives fixed points once for each matching good, whatever its price', () => {
    expect(
      programme(['Bork', '7', 'pt'])
        .awardFor(goods(['Bork A', '0'], ['Bork B', '9000']))
        ?.toString(),
    ).toBe('14');
  });

  it('rounds once, at the end: two halves of a kopeck are one', () => {
    expect(
      programme(['x', '5', '%'])
        .awardFor(goods(['x', '0.10'], ['x', '0.10']))
        ?.toString(),
    ).toBe('0.01');
  });

  it('tells capital from small letters', () => {
    expect(programme(['bork', '10', '%']).awardFor(goods(['Чайник Bork', '7000']))).toBeUndefined();
  });

  it('does not take a match that earns nothing for no match', () => {
    expect(programme(['Bork', '10', '%']).awardFor(goods(['LG', '7000']))).toBeUndefined();
    expect(programme(['Bork', '10', '%']).awardFor(goods(['Bork', '0.01']))?.isZero).toBe(true);
  });

  it('refuses an award of 10^13 points', () => {
    expect(() =>
      programme(['x', '100', '%']).awardFor(goods(['x', '5e12'], ['x', '5e12'])),
    ).toThrow(ImpossibleSum);
  });

  it('keeps the first rule of a match', () => {
    const made = programme(['Milka', '11.5', '%']);
    expect(made.add(new RewardRule('Milka', ExactDecimal.parse('42'), 'pt'))).toBe('known-match');
    expect(made.awardFor(goods(['Milka', '100']))?.toString()).toBe('11.5');
  });

  it('drops the oldest rule beyond its capacity', () => {
    const made = new RewardProgramme(2);
    for (const match of ['a', 'b', 'c'])
      made.add(new RewardRule(match, ExactDecimal.parse('1'), 'pt'));
    expect(['a', 'b', 'c'].map((each) => made.awardFor(goods([each, '1']))?.toString())).toEqual([
      undefined,
      '1',
      '1',
    ]);
  });
});
