import { describe, expect, it } from 'vitest';
import { decisionLine, decisionStory } from '../../../../src/proxy/operator/decision-story.ts';
import type { Decision } from '../../../../src/proxy/policy/decisions/decision.ts';

const at = Date.UTC(2026, 10, 22, 21, 40, 31, 123);
const refused: Decision = {
  requestId: 'r_5f3a9c1b2k',
  at,
  stage: 'message',
  outcome: 'refused',
  code: 'rate_limited',
  reason: 'Too many messages; wait a moment.',
  rule: 'rate.session',
  retryAfterMs: 34,
  kind: 'match.list',
  route: 'game',
  session: 's_0123456789abcdef',
  pseudonym: 'b_0123456789abcdef',
  budgets: [{ budget: 'session.messages', left: 0.25, burst: 60, perSecond: 30 }],
};

describe('the story of a decision', () => {
  it('says when, what, who, where, by which rule, with what left, and what the player was told', () => {
    expect(decisionStory(refused, at + 12_400)).toBe(
      [
        'r_5f3a9c1b2k was refused',
        '  when     2026-11-22T21:40:31.123Z, 12 s ago',
        '  what     match.list on the route game',
        '  who      s_0123456789abcdef, whom backends know as b_0123456789abcdef',
        '  stage    a message, before it went to a backend',
        '  answer   rate_limited: Too many messages; wait a moment.',
        '  rule     rate.session',
        '  told     to come again after 34 ms',
        '  budget   session.messages: 0.3 of 60 left, 30 more a second',
      ].join('\n'),
    );
  });

  it('leaves out what is not known, and says what was only slow', () => {
    const slow: Decision = {
      requestId: 'r_1',
      at,
      stage: 'backend',
      outcome: 'slow',
      kind: 'match.move',
      match: 'm_0123456789abcdef',
      tookMs: 2_345.6,
      isTurn: true,
    };
    expect(decisionStory(slow, at + 600_000)).toBe(
      [
        'r_1 was answered late',
        '  when     2026-11-22T21:40:31.123Z, 10 min ago',
        '  what     match.move in m_0123456789abcdef in 2346 ms',
        '  stage    a message that the policy let through; a backend decided',
        '  turn     it was the turn of this seat, so no budget was asked',
      ].join('\n'),
    );
  });

  it('is a line in a list', () => {
    expect(decisionLine(refused, at + 1_000)).toBe(
      'r_5f3a9c1b2k     1 s ago      refused  match.list             rate_limited, by rate.session',
    );
  });

  it('lets nobody write to the operator’s terminal', () => {
    const forged = { ...refused, reason: 'params.\u001b[2J\nr_2 was refused' };
    const story = decisionStory(forged, at);
    expect(story).not.toContain('\u001b');
    expect(story.split('\n')).toHaveLength(decisionStory(refused, at).split('\n').length);
  });
});
